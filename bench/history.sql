-- A year of callbacks, as many as :many, written at once. The dice are md5 of the number, so that
-- every run has the same history.
CREATE TEMP TABLE life AS
WITH thrown AS (
    SELECT g,
           timestamptz '2025-11-24 00:00+05:30' + g * (interval '365 days' / :many) AS asked,
           ('x' || substr(md5('a' || g), 1, 6))::bit(24)::int / 16777216.0 AS a,
           ('x' || substr(md5('b' || g), 1, 6))::bit(24)::int / 16777216.0 AS b,
           ('x' || substr(md5('c' || g), 1, 6))::bit(24)::int / 16777216.0 AS c
    FROM generate_series(1, :many) AS g
), due AS (
    SELECT *, CASE WHEN b < 0.3 THEN asked + c * interval '3 days' END AS slot FROM thrown
), wished AS (
    SELECT *, coalesce(slot, asked) AS due,
           coalesce(slot, asked) + a * b * interval '50 minutes' AS soon FROM due
), opened AS (
    SELECT *, soon AT TIME ZONE 'Asia/Kolkata' AS wall FROM wished
)
SELECT g, asked, a, b, c, slot, due,
       CASE WHEN extract(hour FROM wall) BETWEEN 10 AND 17 THEN soon
            ELSE (date_trunc('day', wall) + interval '10 hours' + c * interval '1 hour'
                  + CASE WHEN extract(hour FROM wall) >= 18 THEN interval '1 day'
                         ELSE interval '0' END) AT TIME ZONE 'Asia/Kolkata'
       END AS rung,
       CASE WHEN a < 0.10 THEN 'cancelled' WHEN a < 0.12 THEN 'expired'
            WHEN a < 0.85 THEN 'reached' ELSE 'unreached' END AS ends,
       CASE WHEN a < 0.12 THEN 0 WHEN a < 0.65 THEN 1 WHEN a < 0.95 THEN 2 ELSE 3 END AS tries
FROM opened;

INSERT INTO callback (id, token_hash, status, priority, requested_at, due_at, slot_at, phone,
    phone_hash, phone_region, language, may_leave_voicemail, may_say_who, may_text, channel,
    source_page, attempts_used, disposition, ended_at)
SELECT g, lpad(to_hex(g), 64, '0'), ends, 1, asked, due, slot, 'sealed', 'h' || g, 'IN',
       CASE WHEN c < 0.4 THEN 'hi' ELSE 'en' END, false, false, false,
       (ARRAY['web', 'embed', 'api', 'text', 'phone'])[1 + floor(c * 5)::int],
       CASE WHEN b < 0.8 THEN '/article/' || floor(c * c * 60)::int END, tries,
       CASE ends WHEN 'reached' THEN 'reached' WHEN 'unreached' THEN 'no_answer' END,
       rung + greatest(tries - 1, 0) * interval '20 minutes' + interval '25 minutes'
FROM life;

INSERT INTO callback_event (callback_id, at, event, from_status, to_status, due_at, actor)
SELECT g, asked, 'ask', NULL, 'waiting', due, 'visitor' FROM life;

CREATE TEMP TABLE try AS
SELECT g, n, g * 4 + n AS id, rung + (n - 1) * interval '20 minutes' AS at,
       CASE WHEN n = tries AND ends = 'reached' THEN 'reached' ELSE 'no_answer' END AS said,
       (g % :advisors) + :first_advisor AS advisor, a
FROM life CROSS JOIN generate_series(1, 3) AS n WHERE n <= tries;

INSERT INTO callback_event (callback_id, at, event, from_status, to_status, actor)
SELECT g, at, 'dial', 'claimed', 'calling', 'staff:1' FROM try;

INSERT INTO attempt (id, ref, callback_id, advisor_id, channel, state, result, created_at, heard_at,
    ended_at, counted, disposition)
SELECT id, lpad(to_hex(id), 32, '0'), g, advisor, 'carrier', 'ended',
       CASE said WHEN 'reached' THEN 'talked' ELSE 'no_answer' END, at, at,
       at + CASE said WHEN 'reached' THEN 18 * a * interval '1 minute' + interval '2 minutes'
                      ELSE interval '40 seconds' END, true, said
FROM try;

INSERT INTO call_event (attempt_id, call, kind, leg, sequence, status, received_at)
SELECT id, 'CA', 'status', 'visitor', s, (ARRAY['ringing', 'in_progress', 'completed'])[s],
       at + s * interval '8 seconds'
FROM try CROSS JOIN generate_series(1, 3) AS s WHERE said = 'reached' OR s <> 2;

INSERT INTO callback_event (callback_id, at, event, from_status, to_status, actor)
SELECT t.g, t.at + CASE said WHEN 'reached' THEN interval '25 minutes' ELSE interval '1 minute' END,
       CASE WHEN said = 'reached' THEN 'reached' WHEN t.n = l.tries THEN 'give_up' ELSE 'retry' END,
       'calling',
       CASE WHEN said = 'reached' THEN 'reached' WHEN t.n = l.tries THEN 'unreached'
            ELSE 'waiting' END, 'staff:1'
FROM try t JOIN life l USING (g);

INSERT INTO callback_event (callback_id, at, event, from_status, to_status, actor)
SELECT g, rung + interval '25 minutes', CASE ends WHEN 'cancelled' THEN 'cancel' ELSE 'expire' END,
       'waiting', ends, 'visitor'
FROM life WHERE tries = 0;

UPDATE callback SET ended_at = e.at FROM callback_event e
WHERE e.callback_id = callback.id AND e.to_status IN ('reached', 'unreached');

INSERT INTO inbound_call (sid, region, asked, turn, asked_times, for_message, began_at, heard_at,
    ended_at, outcome, rung, talked_with, talked_at)
SELECT 'CA' || g, 'IN', 'nothing', 1, 0, false, rung, rung, rung + a * interval '20 minutes',
       CASE WHEN b < 0.5 THEN 'talked' ELSE 'booked' END, '[]',
       CASE WHEN b < 0.5 THEN (g % :advisors) + :first_advisor END,
       CASE WHEN b < 0.5 THEN rung + a * interval '30 seconds' END
FROM life WHERE g % 5 = 0;
