"""SQL that ships with the lab: migrations and queries; read through `hyprl_lab.resources`."""
