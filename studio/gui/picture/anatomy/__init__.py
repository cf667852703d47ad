"""The page on which a network is drawn as an article's figures do: `page.AnatomyPage`.

What a figure says stands in `models.anatomy`; how each kind is drawn, in a file of its own here: a
module with `VIEWS`, {the class of a figure: the `FigureView` that draws it}. These are imported
when a network is looked at, since its figures cost torch.
"""
