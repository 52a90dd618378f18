// Reads calendar files from stdin, a JSON list of texts, as calendars in JavaScript read them, and
// writes what each says.
import ICAL from "ical.js";
import { readFileSync } from "node:fs";

const files = JSON.parse(readFileSync(0, "utf-8"));
const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const entries = calendar.getAllSubcomponents("vevent").map((each) => {
    const event = new ICAL.Event(each);
    return {
      uid: event.uid,
      sequence: event.sequence,
      status: each.getFirstPropertyValue("status"),
      summary: event.summary,
      starts: event.startDate.toJSDate().toISOString(),
      ends: event.endDate.toJSDate().toISOString(),
    };
  });
  return { zones: calendar.getAllSubcomponents("vtimezone").length, entries };
};
process.stdout.write(JSON.stringify(files.map(read)));
