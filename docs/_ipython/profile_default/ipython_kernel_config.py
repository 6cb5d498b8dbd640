"""How the cells of the pages draw."""

c = get_config()  # noqa: F821  (IPython defines it)
c.InteractiveShellApp.matplotlib = "inline"
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": None}
c.HistoryManager.enabled = False
c.InteractiveShellApp.exec_lines = ["import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'"]
