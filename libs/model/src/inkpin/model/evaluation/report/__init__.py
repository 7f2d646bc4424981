"""One page about a network: what it learned from, how right it is, what it costs.

`findings` measures, `layers` looks into the graph, `history` reads how the training went,
`sections` say it in HTML through `markup`, and `page` puts them together.
"""
