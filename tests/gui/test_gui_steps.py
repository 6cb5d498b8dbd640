"""The page with an Axon file of current steps."""

from nicegui import ui
from support.page import choose, download, labelled, press, see, upload, visit
from support.step_files import write_steps


def test_a_family_of_steps_from_the_file_to_the_report(tmp_path):
    content = write_steps(tmp_path / "steps.abf", (-60, 20, 100, 180)).read_bytes()

    async def story(user):
        await upload(user, "steps.abf", content)
        await see(user, "Number of models", ui.number)
        await see(user, "Sweeps under current steps")
        await see(user, "Capacitance: ")
        (neuron,) = labelled(user, ui.select, "Neuron")
        assert neuron.value == "cortical"
        choose(user, "Number of models", 6)
        choose(user, "Seed", 3)
        choose(user, "Capacitance (pF)", 58)
        press(user, "Run")
        await see(user, "The same in Python")
        await see(user, "How they fire at each level")
        await see(user, "fire like the recording at every level")
        report = (await download(user, "Report")).decode()
        assert "Spikes at each level" in report
        assert "capacitance=pq.Quantity(58, &quot;pF&quot;)" in report

    visit(tmp_path, story)
