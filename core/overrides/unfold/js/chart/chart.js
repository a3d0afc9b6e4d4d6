// Unfold loads a chart library of 200 kB on every page. Ours draw their charts on the server, so no page needs it.
