"""What runs: one file per hop. A worker is a step: `step() -> bool`, did it do anything."""
