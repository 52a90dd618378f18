"""Reports: daily counts, key figures, tables, staffing and gauges."""
