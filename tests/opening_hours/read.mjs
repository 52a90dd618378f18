// Reads a JSON list of [value, first date, days, step in minutes] from stdin, and writes the state of each
// moment (1 open, 0 closed, ? unknown), or null where the value cannot be read.
import opening_hours from "opening_hours";
import { readFileSync } from "node:fs";

const read = ([value, first, days, step]) => {
  try {
    const hours = new opening_hours(value);
    const begins = new Date(`${first}T00:00:00`).getTime();
    let states = "";
    for (let minute = 0; minute < days * 1440; minute += step) {
      const moment = new Date(begins + minute * 60000);
      states += hours.getUnknown(moment) ? "?" : hours.getState(moment) ? "1" : "0";
    }
    return states;
  } catch {
    return null;
  }
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(read)));
