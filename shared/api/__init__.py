"""The thin layer that both daemons' HTTP doors use: typed routes, problems, OpenAPI 3.1, live pages."""
