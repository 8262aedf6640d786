"""Kiosk, console and API: FastAPI on one side, small ES modules on the other."""
