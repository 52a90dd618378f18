// Asks for a call, looks at the request, moves it and cancels it, with the types made from the API's description.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[] };

const [, , baseUrl] = process.argv;
const client = createClient<paths>({ baseUrl });

const asked = await client.POST("/api/v1/callbacks", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: { phone: "98765 43210", consent: true, slot_at: null, name: "Kavita", note: null, about: null, source: null },
});
if (!asked.data) throw new Error(asked.error.detail);
const headers = { Authorization: `Bearer ${asked.data.token}` };

const looked = await client.GET("/api/v1/callback", { headers });
const offered = await client.GET("/api/v1/slots");
const slot_at: string | undefined = offered.data?.slots.find((slot) => !slot.full)?.starts_at;
const moved = await client.PATCH("/api/v1/callback", { headers, body: { slot_at: slot_at ?? null, if_no_answer: "today" } });
const cancelled = await client.DELETE("/api/v1/callback", { headers });
const too_late = await client.PATCH("/api/v1/callback", { headers, body: { slot_at: null } });
const type: "/api/v1/#overtaken" | undefined = too_late.error?.type === "/api/v1/#overtaken" ? too_late.error.type : undefined;

console.log(JSON.stringify({
  token: asked.data.token,
  looked: looked.data?.status,
  wanted: slot_at,
  moved: moved.data?.slot_at,
  cancelled: cancelled.data?.status,
  too_late: type,
}));
