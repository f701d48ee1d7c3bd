"""YAML that ships with the lab: gates; read through `hyprl_lab.resources`."""
