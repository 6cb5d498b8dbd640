"""The target RTXI: a plugin around the header of a dynamic clamp."""

from __future__ import annotations

from . import dynamic_clamp
from .clamp_header import header_name
from .formulas import NeuronFormulas

TITLE = "RTXI"
COMMAND, SCRIPTS, settings_of = dynamic_clamp.COMMAND, dynamic_clamp.SCRIPTS, dynamic_clamp.settings_of

_PLUGIN = """// A plugin of RTXI 3: the ion channels of a member, injected into a cell.
//
// Input 0 is the membrane potential in V, output 0 the current in A that is to be injected. It begins paused.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <rtxi/rt.hpp>
#include <rtxi/rtos.hpp>
#include <rtxi/widgets.hpp>

#include "{header}"
#include "members.h"

namespace
{{

const std::string NAME = "{name} member";

enum Parameter : Widgets::Variable::Id
{{
  MEMBER = 0,
  CAPACITANCE,
  HELD,
  FIRST_SHARE
}};

std::vector<Widgets::Variable::Info> variables()
{{
  std::vector<Widgets::Variable::Info> found = {{
      {{MEMBER, "Member", "Row of members.h, from 0", Widgets::Variable::UINT_PARAMETER, uint64_t{{0}}}},
      {{CAPACITANCE, "Capacitance (pF)", "Of the cell", Widgets::Variable::DOUBLE_PARAMETER, {capacitance}}},
      {{HELD, "Held", "1: mean of each step, 0: plain", Widgets::Variable::UINT_PARAMETER, uint64_t{{1}}}},
  }};
  for (std::size_t i = 0; i < {upper}_CHANNELS; i++) {{
    found.push_back({{FIRST_SHARE + i,
                     std::string({name}_channel_names[i]),
                     "Share injected: 1 adds the channel, 0 leaves it out, -1 takes it away",
                     Widgets::Variable::DOUBLE_PARAMETER,
                     0.0}});
  }}
  return found;
}}

std::vector<IO::channel_t> channels()
{{
  return {{{{"Membrane potential", "V", IO::INPUT}}, {{"Current", "A, to be injected", IO::OUTPUT}}}};
}}

class Component : public Widgets::Component
{{
public:
  explicit Component(Widgets::Plugin* plugin)
      : Widgets::Component(plugin, NAME, channels(), variables())
  {{
  }}

  void execute() override
  {{
    switch (this->getState()) {{
      case RT::State::EXEC:
        inject();
        break;
      case RT::State::INIT:
        setPeriod();
        rest();
        break;
      case RT::State::PERIOD:
        setPeriod();
        this->setState(running ? RT::State::EXEC : RT::State::PAUSE);
        break;
      case RT::State::MODIFY:
        choose();
        this->setState(running ? RT::State::EXEC : RT::State::PAUSE);
        break;
      case RT::State::UNPAUSE:
        start();
        break;
      case RT::State::PAUSE:
        rest();
        break;
      default:
        break;
    }}
  }}

private:
  void inject()
  {{
    const double v = 1e3 * readinput(0);
    writeoutput(0, 1e-9 * (held ? {name}_step_held(&cell, v, period) : {name}_step(&cell, v, period)));
  }}

  // Gates begin at rest at the voltage of the moment.
  void start()
  {{
    const auto row = std::min<uint64_t>(getValue<uint64_t>(MEMBER), {upper}_MEMBERS - 1);
    {name}_init(&cell, {name}_members[row], getValue<double>(CAPACITANCE), 1e3 * readinput(0));
    member = row;
    running = true;
    choose();
    this->setState(RT::State::EXEC);
  }}

  void choose()
  {{
    held = getValue<uint64_t>(HELD) != 0;
    if (!running) {{
      return;
    }}
    cell.capacitance = getValue<double>(CAPACITANCE);
    for (std::size_t i = 0; i < {upper}_CHANNELS; i++) {{
      cell.share[i] = getValue<double>(FIRST_SHARE + i);
    }}
    if (std::min<uint64_t>(getValue<uint64_t>(MEMBER), {upper}_MEMBERS - 1) != member) {{
      start();  // of another member
    }}
  }}

  void rest()
  {{
    running = false;
    writeoutput(0, 0.0);
    this->setState(RT::State::PAUSE);
  }}

  void setPeriod() {{ period = 1e-6 * static_cast<double>(RT::OS::getPeriod()); }}

  {name}_cell cell {{}};
  uint64_t member = 0;
  double period = 0.02;  // ms
  bool running = false, held = true;
}};

std::unique_ptr<Widgets::Plugin> createPlugin(Event::Manager* manager)
{{
  return std::make_unique<Widgets::Plugin>(manager, NAME);
}}

std::unique_ptr<Widgets::Component> createComponent(Widgets::Plugin* plugin)
{{
  return std::make_unique<Component>(plugin);
}}

Widgets::Panel* createPanel(QMainWindow* window, Event::Manager* manager)
{{
  auto* panel = new Widgets::Panel(NAME, window, manager);
  panel->createGUI(variables(), {{}});
  return panel;
}}

}}  // namespace

extern "C" Widgets::FactoryMethods* getFactories()
{{
  static Widgets::FactoryMethods methods;
  methods.createPlugin = &createPlugin;
  methods.createComponent = &createComponent;
  methods.createPanel = &createPanel;
  return &methods;
}}
"""

_CMAKE = """cmake_minimum_required(VERSION 3.14)
project({name}-member LANGUAGES CXX)

set(RTXI_PACKAGE_PATH "/usr/local" CACHE PATH "where RTXI is installed")
find_package(rtxi REQUIRED HINTS ${{RTXI_PACKAGE_PATH}})
find_package(Qt5 REQUIRED COMPONENTS Core Gui Widgets)
find_package(fmt REQUIRED)

add_library({name}-member MODULE plugin.cpp)
target_compile_features({name}-member PRIVATE cxx_std_17)
target_link_libraries({name}-member PRIVATE
    rtxi::rtxi rtxi::rtxififo Qt5::Core Qt5::Gui Qt5::Widgets fmt::fmt)
install(TARGETS {name}-member DESTINATION ${{RTXI_PACKAGE_PATH}}/bin/rtxi_modules)
"""


def about(settings) -> str:
    """What to tell the user."""
    name = settings["prefix"]
    return f"""For RTXI 3 (its real-time plugins are C++ classes `Widgets::Component`; RTXI 2 has others).
On the rig:

```sh
cmake -B build && cmake --build build && sudo cmake --install build
```

then load `{name}-member`, connect the membrane potential (V) to its input and its output (A) to the command
of the amplifier. It begins paused and without a channel: choose the row of the member, the capacitance of the
cell, and of each channel the share to inject. **The plugin was written to the published interface of RTXI 3.0
and compiled against a small imitation of it; it has not been run in RTXI.** Try it on a model cell first.

{dynamic_clamp.about(settings)}"""


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    names = {
        "name": formulas.name,
        "upper": formulas.name.upper(),
        "header": header_name(formulas),
        "capacitance": "100.0",
    }
    return {
        "plugin.cpp": _PLUGIN.format(**names),
        "CMakeLists.txt": _CMAKE.format(**names),
        **dynamic_clamp.files_of(formulas, members, table),
    }
