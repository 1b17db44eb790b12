"""Reads documents, elaborates them into graphs, and writes graphs as flat specs."""
