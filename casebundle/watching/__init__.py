"""What those who run casebundle see of it: logs, counters, traces, signs of life. Never what a case is about."""
