# `make help` lists the commands. All that they make lies in .cache and .lab, and in the lab's own containers.

CHECKOUT = @sh tests/checkout/start
export PRODUCTS DEBIAN SCENARIO FLEET

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ the two commands of the README

.PHONY: lab
lab: ## build the lab, run site on its blank hosts, prove a login, run site again (PRODUCTS="postfix axigen zimbra", or all)
	$(CHECKOUT) lab

.PHONY: test
test: ## everything that CI runs (40 to 75 minutes on two processors)
	$(CHECKOUT) test

##@ parts of them

.PHONY: test-fast
test-fast: ## linters, sanity and unit tests (about a minute)
	$(CHECKOUT) test-fast

.PHONY: lint unit sanity integration release
lint: ## the linters alone
unit: ## the unit tests, on every Python and core that is here
sanity: ## ansible-test sanity, on both cores
integration: ## modules against real Kerberos tools
release: ## build the release, let Galaxy's importer read it, install it and run site from the installed copy
lint unit sanity integration release:
	$(CHECKOUT) $@

.PHONY: molecule
molecule: ## every role's scenario on the lab's hosts
	$(CHECKOUT) molecule

.PHONY: fidelity
fidelity: ## measure that check mode tells the truth and shows no secret (LAB=fidelity-ad: on the site of Active Directory, fidelity-zimbra: of Zimbra)
	$(CHECKOUT) fidelity

.PHONY: bench
bench: ## measure the performance ratios (FLEET=30: the playbooks on light fleets of 1, 10 and 30 hosts)
	$(CHECKOUT) bench

.PHONY: mutants
mutants: ## measure that the unit tests notice small errors in the rooms for keytabs, principals and kadmin (minutes)
	$(CHECKOUT) mutants

.PHONY: lab-down
lab-down: ## remove the lab's containers and network
	$(CHECKOUT) lab-down

##@ the checkout itself

.PHONY: venv
venv: ## make .cache/venv and the other venvs
	$(CHECKOUT) venv

.PHONY: docs
docs: ## build the reference as a site in .cache/docs
	$(CHECKOUT) docs

.PHONY: build
build: ## build the release archive in .cache/release
	$(CHECKOUT) build

.PHONY: lock
lock: ## write requirements/*.txt anew from requirements/*.in
	$(CHECKOUT) lock

.PHONY: clean
clean: ## remove the labs, their images and everything that was made in .cache
	$(CHECKOUT) lab-down --images
	rm -rf .cache .lab
