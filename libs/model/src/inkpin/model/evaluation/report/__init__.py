"""One page about a network: what it learned from, how right it is, what it costs.

`findings` measures, `layers` looks into the graph, `history` reads how the training went,
`sections` says it in HTML through `markup`, and `command` puts it together.
"""
