"""How the cells of the pages draw."""

c = get_config()  # noqa: F821  (IPython defines it)
c.InteractiveShellApp.matplotlib = "inline"
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": None}
c.InlineBackend.rc = {  # as elephant_dic.plots.drawing.STYLE, for figures that the pages make themselves
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.constrained_layout.use": True,
}
c.HistoryManager.enabled = False
c.InteractiveShellApp.exec_lines = ["import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'"]
