PYTHON ?= python3
BIN := .venv/bin
ROLES := http1 https h2c h2 tcp-echo udp-echo proxy dns
LAB := $(BIN)/python -m lab

.DEFAULT_GOAL := help

help:  ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

up: setup  ## bring the yard up; BACKEND=auto|embedded|compose
	@$(LAB) up

down: setup  ## stop the yard and leave nothing behind
	@$(LAB) down

status: setup  ## show what runs, where, and how often it was started again; JSON=1
	@$(LAB) status

restart: setup  ## stop and start services; ROLE="http1 dns"
	@$(LAB) restart

logs: setup  ## show the newest log lines; ROLE=dns
	@$(LAB) logs

test: setup  ## run the contract suite; ROLE=dns ARGS="-k name -x" CAPTURE=1
	@$(LAB) test

swap: setup  ## put another implementation in a role; http1=nginx, dns=./mine.yaml, http1=mine TARGET=127.0.0.1:8080
	@$(LAB) swap $(filter $(addsuffix =%,$(ROLES)),$(MAKEOVERRIDES))

matrix: setup  ## judge every implementation of every role, side by side; ONLY="dns http1=nginx"
	@$(LAB) matrix

shell: setup  ## a shell where the clients are
	@$(LAB) shell

topology: setup  ## the yard as described; FORMAT=table|json|mermaid|dot|svg|html
	@$(LAB) topology

kill: setup  ## end a service as a crash would, and see it come back; ROLE=dns
	@$(LAB) kill

demo: setup  ## a guided tour; SCENE=tunnel FAST=1
	@$(LAB) demo

bench: setup  ## the references and their peers side by side; ROWS="http1 h2c lab" OUT=FILE BACKEND=compose
	@$(BIN)/python -m bench $(ROWS) $(if $(OUT),--out $(OUT))

profile: setup  ## a flame graph of a reference under one row; ROW="h2c download" OUT=FILE.svg
	@$(BIN)/python -m bench "$(ROW)" --seconds 10 --profile $(or $(OUT),profile.svg)

bench-record: setup  ## all of them, short, kept in docs/ and README.md: a quarter of an hour; BACKEND=compose
	@$(BIN)/python -m bench $(ROWS) --rounds 3 --seconds 1 --record

capture: setup  ## packets of one role that Wireshark opens decrypted; ROLE=h2 SECONDS=10
	@$(LAB) capture

tls-report: setup  ## which TLS clients accept certificates that they must refuse; ROLE=h2 OUT=report.md
	@$(BIN)/python -m clients.tls report $(if $(ROLE),--role $(ROLE)) $(if $(OUT),--out $(OUT))

setup: .venv/ready  ## make the virtual environment from the hashed lock

.venv/ready: requirements/lab.txt
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lab.txt
	@touch $@

check: setup  ## format, lint, types, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n auto --hypothesis-profile=ci services lab certs clients bench images

FUZZ_http1 = services.http.reference.h1.tests.fuzz
FUZZ_h2c = services.http.reference.h2.tests.fuzz
FUZZ_dns = services.dns.reference.tests.fuzz
FUZZ_proxy = services.proxy.reference.tests.fuzz
FUZZ_udp-echo = services.udp_echo.reference.tests.fuzz
fuzz: setup  ## mutate messages against the core of a role; ROLE=http1|h2c|dns|proxy|udp-echo SECONDS=600
	@$(BIN)/python -m $(FUZZ_$(or $(ROLE),http1)) --seconds $(or $(SECONDS),600)

base:  ## pull or make the Debian image that the others start from
	@images/base

images: base  ## build the images of the services and of the client
	@images/secrets
	@docker compose --profile client build --quiet

readme: setup  ## write the generated parts of README.md again
	@$(LAB) readme

lock:  ## write the hashed locks again from pyproject.toml
	@for extra in services clients lab; do uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra $$extra pyproject.toml \
	-o requirements/$$extra.txt; done

.PHONY: fuzz help up down status restart logs test swap shell topology setup check base images readme lock demo kill capture matrix bench bench-record profile tls-report
