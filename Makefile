# `make help` lists the commands.

.PHONY: venv
venv: ## the Python tools, below .cache
	@python3 tests/checkout
