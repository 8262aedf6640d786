"""When does what is seen count as something that happened? One file a rule; `vision.events` asks them all."""
