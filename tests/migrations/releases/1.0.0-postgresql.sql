--
-- PostgreSQL database dump
--


-- Dumped from database version 18.6
-- Dumped by pg_dump version 18.6

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: audit_entry_refuse(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_entry_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: attempt; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempt (
    id integer NOT NULL,
    ref character varying(32) NOT NULL,
    callback_id integer NOT NULL,
    advisor_id integer NOT NULL,
    channel character varying(20) NOT NULL,
    state character varying(20) NOT NULL,
    result character varying(20),
    problem character varying(60),
    created_at timestamp with time zone NOT NULL,
    placing_at timestamp with time zone,
    heard_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    advisor_call character varying(34),
    visitor_call character varying(34),
    dial_allowed boolean,
    end_asked_at timestamp with time zone,
    counted boolean NOT NULL,
    disposition character varying(20),
    notes text,
    screening character varying(10),
    look_at timestamp with time zone,
    unfinished_at timestamp with time zone
);


--
-- Name: attempt_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.attempt_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: attempt_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.attempt_id_seq OWNED BY public.attempt.id;


--
-- Name: audit_check; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_check (
    id integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    findings integer NOT NULL,
    CONSTRAINT ck_audit_check_single CHECK ((id = 1))
);


--
-- Name: audit_check_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_check_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audit_check_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_check_id_seq OWNED BY public.audit_check.id;


--
-- Name: audit_entry; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_entry (
    id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    actor character varying(40) NOT NULL,
    deed character varying(60) NOT NULL,
    subject character varying(60) NOT NULL,
    detail json NOT NULL,
    seq integer,
    prev_hash character varying(64),
    hash character varying(64),
    uid character varying(32),
    mac character varying(64)
);


--
-- Name: audit_entry_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_entry_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audit_entry_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_entry_id_seq OWNED BY public.audit_entry.id;


--
-- Name: audit_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_head (
    id integer NOT NULL,
    seq integer NOT NULL,
    hash character varying(64) NOT NULL,
    mac character varying(64),
    CONSTRAINT ck_audit_head_single CHECK ((id = 1))
);


--
-- Name: audit_head_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_head_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audit_head_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_head_id_seq OWNED BY public.audit_head.id;


--
-- Name: call_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_event (
    id integer NOT NULL,
    attempt_id integer NOT NULL,
    call character varying(34) NOT NULL,
    kind character varying(20) NOT NULL,
    leg character varying(10) NOT NULL,
    sequence integer NOT NULL,
    status character varying(20) NOT NULL,
    error_code integer,
    received_at timestamp with time zone NOT NULL
);


--
-- Name: call_event_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.call_event_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: call_event_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.call_event_id_seq OWNED BY public.call_event.id;


--
-- Name: call_pace; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_pace (
    id integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    refusals integer NOT NULL,
    CONSTRAINT ck_call_pace_single CHECK ((id = 1))
);


--
-- Name: call_pace_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.call_pace_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: call_pace_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.call_pace_id_seq OWNED BY public.call_pace.id;


--
-- Name: callback; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.callback (
    id integer NOT NULL,
    token_hash character varying(64) NOT NULL,
    status character varying(20) NOT NULL,
    priority integer NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    slot_at timestamp with time zone,
    name text,
    phone text,
    phone_hash character varying(64),
    phone_region character varying(2) NOT NULL,
    note text,
    language character varying(12) NOT NULL,
    may_leave_voicemail boolean NOT NULL,
    may_say_who boolean NOT NULL,
    may_text boolean NOT NULL,
    claimed_by integer,
    claimed_at timestamp with time zone,
    claim_ends_at timestamp with time zone,
    attempts_used integer NOT NULL,
    disposition character varying(20),
    ended_at timestamp with time zone,
    wanted_advisor integer,
    wanted_until timestamp with time zone,
    follow_up_of integer,
    emergency_at timestamp with time zone,
    channel character varying(20) DEFAULT 'web'::character varying NOT NULL,
    source_page character varying(300),
    source_title text,
    request_hash character varying(64),
    erased_at timestamp with time zone,
    may_ring_back boolean DEFAULT false NOT NULL,
    phone_as_typed text,
    answers text,
    again_of integer,
    reads character varying(12),
    held_at timestamp with time zone,
    network_hash character varying(64),
    network_56_hash character varying(64),
    network_48_hash character varying(64),
    booked_at timestamp with time zone,
    if_missed character varying(10),
    call_until timestamp with time zone,
    phone_extension text,
    CONSTRAINT ck_callback_erased CHECK (((erased_at IS NULL) OR ((ended_at IS NOT NULL) AND (name IS NULL) AND (phone IS NULL) AND (phone_hash IS NULL) AND (note IS NULL)))),
    CONSTRAINT ck_callback_has_number CHECK (((erased_at IS NOT NULL) OR ((phone IS NOT NULL) AND (phone_hash IS NOT NULL))))
);


--
-- Name: callback_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.callback_event (
    id integer NOT NULL,
    callback_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    event character varying(30) NOT NULL,
    from_status character varying(20),
    to_status character varying(20) NOT NULL,
    actor character varying(40) NOT NULL,
    due_at timestamp with time zone
);


--
-- Name: callback_event_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.callback_event_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: callback_event_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.callback_event_id_seq OWNED BY public.callback_event.id;


--
-- Name: callback_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.callback_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: callback_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.callback_id_seq OWNED BY public.callback.id;


--
-- Name: caller_id; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caller_id (
    region character varying(2) NOT NULL,
    number character varying(20) NOT NULL
);


--
-- Name: care_place; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.care_place (
    id integer NOT NULL,
    region character varying(2) NOT NULL,
    "position" integer NOT NULL,
    area character varying(80),
    name character varying(120) NOT NULL,
    kind character varying(40) NOT NULL,
    phone character varying(40),
    tel character varying(40),
    hours character varying(120),
    languages json NOT NULL,
    cost character varying(120),
    website character varying(200),
    notes text NOT NULL,
    notes_by_language json,
    sources json NOT NULL,
    found_on date,
    last_checked timestamp with time zone,
    retired_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
);


--
-- Name: care_place_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.care_place_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: care_place_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.care_place_id_seq OWNED BY public.care_place.id;


--
-- Name: carrier_failure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.carrier_failure (
    id integer NOT NULL,
    ref character varying(32) NOT NULL,
    leg character varying(10) NOT NULL,
    code integer NOT NULL,
    region character varying(2),
    callback_id integer,
    advisor_id integer NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: carrier_failure_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.carrier_failure_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: carrier_failure_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.carrier_failure_id_seq OWNED BY public.carrier_failure.id;


--
-- Name: closure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.closure (
    id integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    reason character varying(200) NOT NULL,
    CONSTRAINT ck_closure_order CHECK ((starts_at < ends_at))
);


--
-- Name: closure_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.closure_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: closure_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.closure_id_seq OWNED BY public.closure.id;


--
-- Name: code_app; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.code_app (
    staff_id integer NOT NULL,
    secret text NOT NULL,
    last_counter bigint NOT NULL,
    added_at timestamp with time zone NOT NULL
);


--
-- Name: counted_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.counted_day (
    day date NOT NULL,
    zone character varying(64) NOT NULL,
    counting integer NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    counted_at timestamp with time zone,
    settled boolean NOT NULL
);


--
-- Name: crisis_line; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.crisis_line (
    id integer NOT NULL,
    region character varying(2) NOT NULL,
    "position" integer NOT NULL,
    name character varying(120) NOT NULL,
    kind character varying(40) NOT NULL,
    phone character varying(40),
    tel character varying(40),
    sms_number character varying(40),
    sms_keyword character varying(40),
    hours character varying(120),
    languages json NOT NULL,
    website character varying(200),
    notes text NOT NULL,
    sources json NOT NULL,
    found_on date,
    last_checked timestamp with time zone,
    retired_at timestamp with time zone,
    cost character varying(20),
    version integer DEFAULT 1 NOT NULL,
    notes_by_language json,
    time_zone character varying(64),
    confidence character varying(200),
    whatsapp character varying(40),
    chat character varying(200)
);


--
-- Name: crisis_line_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.crisis_line_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: crisis_line_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.crisis_line_id_seq OWNED BY public.crisis_line.id;


--
-- Name: dispatch_round; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.dispatch_round (
    callback_id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    passed integer NOT NULL
);


--
-- Name: floor_deed; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.floor_deed (
    id integer NOT NULL,
    callback_id integer NOT NULL,
    deed character varying(20) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_staff integer NOT NULL,
    from_staff integer,
    to_staff integer,
    reason text
);


--
-- Name: floor_deed_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.floor_deed_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: floor_deed_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.floor_deed_id_seq OWNED BY public.floor_deed.id;


--
-- Name: hand_over; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.hand_over (
    id integer NOT NULL,
    callback_id integer NOT NULL,
    from_staff integer NOT NULL,
    to_staff integer NOT NULL,
    note text,
    at timestamp with time zone NOT NULL
);


--
-- Name: hand_over_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.hand_over_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: hand_over_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.hand_over_id_seq OWNED BY public.hand_over.id;


--
-- Name: inbound_call; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbound_call (
    id integer NOT NULL,
    sid character varying(34) NOT NULL,
    phone text,
    phone_hash character varying(64),
    region character varying(2) NOT NULL,
    language character varying(12),
    asked character varying(20) NOT NULL,
    turn integer NOT NULL,
    asked_times integer NOT NULL,
    for_message boolean NOT NULL,
    typed_phone text,
    began_at timestamp with time zone NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome character varying(20),
    advisor_id integer,
    advisor_call character varying(34),
    rung json NOT NULL,
    talked_with integer,
    talked_at timestamp with time zone,
    callback_id integer,
    attempt_id integer,
    looked_at timestamp with time zone,
    hold_began_at timestamp with time zone
);


--
-- Name: inbound_call_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.inbound_call_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: inbound_call_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.inbound_call_id_seq OWNED BY public.inbound_call.id;


--
-- Name: inbound_reply; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbound_reply (
    id integer NOT NULL,
    call_id integer NOT NULL,
    turn integer NOT NULL,
    reply text NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: inbound_reply_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.inbound_reply_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: inbound_reply_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.inbound_reply_id_seq OWNED BY public.inbound_reply.id;


--
-- Name: invitation; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.invitation (
    id integer NOT NULL,
    token_hash character varying(64) NOT NULL,
    email character varying(255),
    roles json NOT NULL,
    languages json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    over_at timestamp with time zone,
    staff_id integer
);


--
-- Name: invitation_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.invitation_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: invitation_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.invitation_id_seq OWNED BY public.invitation.id;


--
-- Name: job_failure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.job_failure (
    job character varying(30) NOT NULL,
    subject_id integer NOT NULL,
    failures integer NOT NULL,
    problem character varying(60) NOT NULL,
    failed_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    set_aside_at timestamp with time zone
);


--
-- Name: key_canary; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.key_canary (
    key character varying(20) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL
);


--
-- Name: note_draft; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.note_draft (
    id integer NOT NULL,
    callback_id integer NOT NULL,
    advisor_id integer NOT NULL,
    notes text,
    transfer_note text,
    disposition character varying(20),
    version integer NOT NULL,
    saved_at timestamp with time zone NOT NULL
);


--
-- Name: note_draft_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.note_draft_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: note_draft_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.note_draft_id_seq OWNED BY public.note_draft.id;


--
-- Name: notice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.notice (
    id integer NOT NULL,
    kind character varying(30) NOT NULL,
    subject character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    times integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    dismissed_at timestamp with time zone,
    dismissed_by integer
);


--
-- Name: notice_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.notice_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: notice_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.notice_id_seq OWNED BY public.notice.id;


--
-- Name: number_on_line; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_on_line (
    id integer NOT NULL,
    call character varying(34) NOT NULL,
    phone_hash character varying(64) NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);


--
-- Name: number_on_line_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.number_on_line_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: number_on_line_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.number_on_line_id_seq OWNED BY public.number_on_line.id;


--
-- Name: number_rest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_rest (
    id integer NOT NULL,
    phone_hash character varying(64),
    why character varying(20) NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    callback_id integer,
    by_staff integer,
    reason text,
    lifted_at timestamp with time zone,
    lifted_by integer
);


--
-- Name: number_rest_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.number_rest_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: number_rest_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.number_rest_id_seq OWNED BY public.number_rest.id;


--
-- Name: offer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.offer (
    id integer NOT NULL,
    ref character varying(32) NOT NULL,
    callback_id integer NOT NULL,
    advisor_id integer NOT NULL,
    state character varying(20) NOT NULL,
    result character varying(20),
    problem character varying(60),
    created_at timestamp with time zone NOT NULL,
    placing_at timestamp with time zone,
    heard_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    call character varying(34),
    end_asked_at timestamp with time zone,
    look_at timestamp with time zone
);


--
-- Name: offer_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.offer_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: offer_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.offer_id_seq OWNED BY public.offer.id;


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id integer NOT NULL,
    kind character varying(20) NOT NULL,
    subject_id integer NOT NULL,
    state character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    tries integer NOT NULL,
    taken_at timestamp with time zone,
    done_at timestamp with time zone,
    problem character varying(60)
);


--
-- Name: outbox_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.outbox_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: outbox_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;


--
-- Name: passkey; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.passkey (
    id integer NOT NULL,
    staff_id integer NOT NULL,
    credential_id character varying(1400) NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name character varying(60) NOT NULL,
    added_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);


--
-- Name: passkey_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.passkey_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: passkey_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.passkey_id_seq OWNED BY public.passkey.id;


--
-- Name: password_link; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.password_link (
    staff_id integer NOT NULL,
    token_hash character varying(64) NOT NULL,
    created_by integer,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: preflight_report; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.preflight_report (
    id integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    found_at timestamp with time zone,
    findings json NOT NULL,
    forwarded_at timestamp with time zone,
    CONSTRAINT ck_preflight_report_single CHECK ((id = 1))
);


--
-- Name: preflight_report_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.preflight_report_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: preflight_report_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.preflight_report_id_seq OWNED BY public.preflight_report.id;


--
-- Name: presence; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.presence (
    staff_id integer NOT NULL,
    state character varying(20) NOT NULL,
    since timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    call_in character varying(34),
    call_in_ended_at timestamp with time zone,
    missed_offers integer DEFAULT 0 NOT NULL,
    away_by_misses boolean DEFAULT false NOT NULL
);


--
-- Name: recovery_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.recovery_code (
    id integer NOT NULL,
    staff_id integer NOT NULL,
    code_hash character varying(64) NOT NULL
);


--
-- Name: recovery_code_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.recovery_code_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: recovery_code_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.recovery_code_id_seq OWNED BY public.recovery_code.id;


--
-- Name: referral; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral (
    id integer NOT NULL,
    callback_id integer,
    place_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    by_staff integer NOT NULL
);


--
-- Name: referral_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.referral_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: referral_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.referral_id_seq OWNED BY public.referral.id;


--
-- Name: refused_region; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refused_region (
    region character varying(2) NOT NULL,
    code integer NOT NULL,
    refused_at timestamp with time zone NOT NULL
);


--
-- Name: retention_policy; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retention_policy (
    id integer NOT NULL,
    version integer NOT NULL,
    person_days integer NOT NULL,
    notes_days integer NOT NULL,
    recording_days integer NOT NULL,
    caller_days integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_retention_policy_single CHECK ((id = 1))
);


--
-- Name: retention_policy_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.retention_policy_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: retention_policy_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.retention_policy_id_seq OWNED BY public.retention_policy.id;


--
-- Name: rewording; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rewording (
    id integer NOT NULL,
    language character varying(12) NOT NULL,
    word_id character varying(32) NOT NULL,
    context character varying(12) NOT NULL,
    ours text NOT NULL,
    theirs json,
    version integer NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    saved_by integer NOT NULL
);


--
-- Name: rewording_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.rewording_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: rewording_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.rewording_id_seq OWNED BY public.rewording.id;


--
-- Name: ring; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ring (
    id integer NOT NULL,
    phone_hash character varying(64) NOT NULL,
    callback_id integer NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: ring_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.ring_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: ring_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.ring_id_seq OWNED BY public.ring.id;


--
-- Name: role; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.role (
    id integer NOT NULL,
    name character varying(40) NOT NULL,
    description character varying(200) NOT NULL
);


--
-- Name: role_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.role_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: role_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.role_id_seq OWNED BY public.role.id;


--
-- Name: rota_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rota_version (
    staff_id integer NOT NULL,
    version integer DEFAULT 0 NOT NULL
);


--
-- Name: safety_save; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.safety_save (
    id integer NOT NULL,
    version integer NOT NULL,
    neutral_site character varying(200) NOT NULL,
    page_title character varying(60) NOT NULL,
    page_icon character varying(20) NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    saved_by integer
);


--
-- Name: safety_save_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.safety_save_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: safety_save_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.safety_save_id_seq OWNED BY public.safety_save.id;


--
-- Name: safety_signature; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.safety_signature (
    id integer NOT NULL,
    fact character varying(40) NOT NULL,
    digest character varying(64) NOT NULL,
    signed_by integer NOT NULL,
    signed_at timestamp with time zone NOT NULL
);


--
-- Name: safety_signature_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.safety_signature_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: safety_signature_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.safety_signature_id_seq OWNED BY public.safety_signature.id;


--
-- Name: service_policy; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.service_policy (
    id integer NOT NULL,
    version integer NOT NULL,
    slot_minutes integer NOT NULL,
    slot_capacity integer NOT NULL,
    slot_days_ahead integer NOT NULL,
    slot_lead_minutes integer NOT NULL,
    last_start_minutes integer NOT NULL,
    max_attempts integer NOT NULL,
    retry_pauses_minutes json NOT NULL,
    claim_minutes integer NOT NULL,
    wrap_up_minutes integer NOT NULL,
    expire_after_days integer NOT NULL,
    dispatch character varying(10) DEFAULT 'pull'::character varying NOT NULL,
    push_ring_at_once integer DEFAULT 1 NOT NULL,
    misses_until_away integer DEFAULT 3 NOT NULL,
    hand_deadline_minutes integer DEFAULT 15 NOT NULL,
    wanted_grace_minutes integer DEFAULT 10 NOT NULL,
    capacity_mode character varying(10) DEFAULT 'fixed'::character varying NOT NULL,
    shift_share_percent integer DEFAULT 50 NOT NULL,
    service_level_minutes integer DEFAULT 20 NOT NULL,
    service_level_percent integer DEFAULT 80 NOT NULL,
    most_rings_a_day integer DEFAULT 8 NOT NULL,
    most_callbacks_a_day integer DEFAULT 3 NOT NULL,
    most_cents_a_day integer,
    call_costs json DEFAULT '{}'::json NOT NULL,
    text_costs json DEFAULT '{}'::json NOT NULL,
    live_calls_per_callback integer DEFAULT 0 NOT NULL,
    CONSTRAINT ck_service_policy_single CHECK ((id = 1))
);


--
-- Name: service_policy_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.service_policy_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: service_policy_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.service_policy_id_seq OWNED BY public.service_policy.id;


--
-- Name: set_aside; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.set_aside (
    id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    by_staff integer NOT NULL,
    example_id integer NOT NULL,
    alike json NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    reason text
);


--
-- Name: set_aside_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.set_aside_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: set_aside_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.set_aside_id_seq OWNED BY public.set_aside.id;


--
-- Name: set_aside_member; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.set_aside_member (
    callback_id integer NOT NULL,
    set_aside_id integer NOT NULL
);


--
-- Name: shift; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.shift (
    id integer NOT NULL,
    staff_id integer NOT NULL,
    weekday integer NOT NULL,
    start_minute integer NOT NULL,
    end_minute integer NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    CONSTRAINT ck_shift_dates CHECK (((valid_until IS NULL) OR (valid_from <= valid_until))),
    CONSTRAINT ck_shift_order CHECK ((start_minute < end_minute)),
    CONSTRAINT ck_shift_weekday CHECK (((weekday >= 0) AND (weekday <= 6)))
);


--
-- Name: shift_exception; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.shift_exception (
    id integer NOT NULL,
    staff_id integer NOT NULL,
    day date NOT NULL,
    kind character varying(10) NOT NULL,
    start_minute integer,
    end_minute integer,
    CONSTRAINT ck_shift_exception_hours CHECK (((((kind)::text = 'off'::text) = (start_minute IS NULL)) AND (((kind)::text = 'off'::text) = (end_minute IS NULL))))
);


--
-- Name: shift_exception_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.shift_exception_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: shift_exception_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.shift_exception_id_seq OWNED BY public.shift_exception.id;


--
-- Name: shift_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.shift_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: shift_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.shift_id_seq OWNED BY public.shift.id;


--
-- Name: sign_in_tries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sign_in_tries (
    key character varying(64) NOT NULL,
    wrong integer NOT NULL,
    last_at timestamp with time zone NOT NULL
);


--
-- Name: slot; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.slot (
    starts_at timestamp with time zone NOT NULL,
    capacity integer NOT NULL,
    booked integer NOT NULL,
    CONSTRAINT ck_slot_capacity CHECK (((booked >= 0) AND (booked <= capacity)))
);


--
-- Name: slot_language; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.slot_language (
    starts_at timestamp with time zone NOT NULL,
    language character varying(12) NOT NULL,
    capacity integer NOT NULL,
    booked integer NOT NULL,
    CONSTRAINT ck_slot_language_capacity CHECK (((booked >= 0) AND (booked <= capacity)))
);


--
-- Name: special_day; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.special_day (
    day date NOT NULL,
    intervals json NOT NULL,
    reason character varying(200) NOT NULL
);


--
-- Name: staff; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff (
    id integer NOT NULL,
    email character varying(255) NOT NULL,
    password character varying(255),
    active boolean NOT NULL,
    fs_uniquifier character varying(64) NOT NULL,
    name character varying(120) NOT NULL,
    phone text,
    languages json NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    wrong_codes integer DEFAULT 0 NOT NULL,
    guessed_at timestamp with time zone,
    password_void_at timestamp with time zone,
    phone_hash character varying(64)
);


--
-- Name: staff_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.staff_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: staff_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.staff_id_seq OWNED BY public.staff.id;


--
-- Name: staff_role; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff_role (
    staff_id integer NOT NULL,
    role_id integer NOT NULL
);


--
-- Name: staff_session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staff_session (
    id integer NOT NULL,
    key_hash character varying(64) NOT NULL,
    staff_id integer NOT NULL,
    browser character varying(40) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    proven_at timestamp with time zone,
    confirmed_at timestamp with time zone NOT NULL,
    app_secret text,
    challenge character varying(120),
    wrong_codes integer DEFAULT 0 NOT NULL
);


--
-- Name: staff_session_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.staff_session_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: staff_session_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.staff_session_id_seq OWNED BY public.staff_session.id;


--
-- Name: tally; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tally (
    measure character varying(30) NOT NULL,
    day date NOT NULL,
    part character varying(300) NOT NULL,
    number bigint NOT NULL
);


--
-- Name: text_hint; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.text_hint (
    phone_hash character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: text_in; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.text_in (
    carrier_id character varying(34) NOT NULL,
    phone_hash character varying(64),
    command character varying(20) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer text,
    words text
);


--
-- Name: text_out; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.text_out (
    id integer NOT NULL,
    ref character varying(32) NOT NULL,
    callback_id integer NOT NULL,
    kind character varying(20) NOT NULL,
    once character varying(40) NOT NULL,
    phone_hash character varying(64),
    phone text,
    words text,
    status character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    good_until timestamp with time zone NOT NULL,
    asked_at timestamp with time zone,
    looked_at timestamp with time zone,
    heard_at timestamp with time zone,
    carrier_id character varying(34),
    error_code integer,
    problem character varying(60),
    look_at timestamp with time zone,
    sent_by integer
);


--
-- Name: text_out_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.text_out_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: text_out_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.text_out_id_seq OWNED BY public.text_out.id;


--
-- Name: text_stop; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.text_stop (
    phone_hash character varying(64) NOT NULL,
    since timestamp with time zone NOT NULL
);


--
-- Name: tombstone; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tombstone (
    id integer NOT NULL,
    ref character varying(32) NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(20) NOT NULL,
    mark character varying(64) NOT NULL,
    status character varying(20),
    until timestamp with time zone
);


--
-- Name: tombstone_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.tombstone_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: tombstone_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.tombstone_id_seq OWNED BY public.tombstone.id;


--
-- Name: voice_message; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.voice_message (
    id integer NOT NULL,
    recording character varying(34) NOT NULL,
    call_id integer NOT NULL,
    callback_id integer NOT NULL,
    left_at timestamp with time zone NOT NULL,
    seconds integer NOT NULL,
    state character varying(20) NOT NULL,
    kept_at timestamp with time zone,
    sound bytea
);


--
-- Name: voice_message_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.voice_message_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: voice_message_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.voice_message_id_seq OWNED BY public.voice_message.id;


--
-- Name: webhook_delivery; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_delivery (
    id integer NOT NULL,
    message_id character varying(40) NOT NULL,
    endpoint_id integer NOT NULL,
    event character varying(30) NOT NULL,
    callback_id integer,
    occurred_at timestamp with time zone NOT NULL,
    attempted_at timestamp with time zone,
    http_status integer
);


--
-- Name: webhook_delivery_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.webhook_delivery_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: webhook_delivery_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.webhook_delivery_id_seq OWNED BY public.webhook_delivery.id;


--
-- Name: webhook_endpoint; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_endpoint (
    id integer NOT NULL,
    url character varying(300) NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    rotated_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    busy_until timestamp with time zone
);


--
-- Name: webhook_endpoint_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.webhook_endpoint_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: webhook_endpoint_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.webhook_endpoint_id_seq OWNED BY public.webhook_endpoint.id;


--
-- Name: website_save; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.website_save (
    id integer NOT NULL,
    version integer NOT NULL,
    websites json NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    saved_by integer
);


--
-- Name: website_save_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.website_save_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: website_save_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.website_save_id_seq OWNED BY public.website_save.id;


--
-- Name: week_save; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.week_save (
    id integer NOT NULL,
    version integer NOT NULL,
    time_zone character varying(64) NOT NULL,
    week json NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    saved_by integer,
    later json,
    exceptions json,
    shut json
);


--
-- Name: week_save_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.week_save_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: week_save_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.week_save_id_seq OWNED BY public.week_save.id;


--
-- Name: worker_heartbeat; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.worker_heartbeat (
    worker character varying(80) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    late_ms integer DEFAULT 0 NOT NULL
);


--
-- Name: attempt id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt ALTER COLUMN id SET DEFAULT nextval('public.attempt_id_seq'::regclass);


--
-- Name: audit_check id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_check ALTER COLUMN id SET DEFAULT nextval('public.audit_check_id_seq'::regclass);


--
-- Name: audit_entry id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entry ALTER COLUMN id SET DEFAULT nextval('public.audit_entry_id_seq'::regclass);


--
-- Name: audit_head id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_head ALTER COLUMN id SET DEFAULT nextval('public.audit_head_id_seq'::regclass);


--
-- Name: call_event id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_event ALTER COLUMN id SET DEFAULT nextval('public.call_event_id_seq'::regclass);


--
-- Name: call_pace id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_pace ALTER COLUMN id SET DEFAULT nextval('public.call_pace_id_seq'::regclass);


--
-- Name: callback id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback ALTER COLUMN id SET DEFAULT nextval('public.callback_id_seq'::regclass);


--
-- Name: callback_event id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback_event ALTER COLUMN id SET DEFAULT nextval('public.callback_event_id_seq'::regclass);


--
-- Name: care_place id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.care_place ALTER COLUMN id SET DEFAULT nextval('public.care_place_id_seq'::regclass);


--
-- Name: carrier_failure id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_failure ALTER COLUMN id SET DEFAULT nextval('public.carrier_failure_id_seq'::regclass);


--
-- Name: closure id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.closure ALTER COLUMN id SET DEFAULT nextval('public.closure_id_seq'::regclass);


--
-- Name: crisis_line id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.crisis_line ALTER COLUMN id SET DEFAULT nextval('public.crisis_line_id_seq'::regclass);


--
-- Name: floor_deed id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed ALTER COLUMN id SET DEFAULT nextval('public.floor_deed_id_seq'::regclass);


--
-- Name: hand_over id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_over ALTER COLUMN id SET DEFAULT nextval('public.hand_over_id_seq'::regclass);


--
-- Name: inbound_call id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call ALTER COLUMN id SET DEFAULT nextval('public.inbound_call_id_seq'::regclass);


--
-- Name: inbound_reply id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_reply ALTER COLUMN id SET DEFAULT nextval('public.inbound_reply_id_seq'::regclass);


--
-- Name: invitation id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation ALTER COLUMN id SET DEFAULT nextval('public.invitation_id_seq'::regclass);


--
-- Name: note_draft id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.note_draft ALTER COLUMN id SET DEFAULT nextval('public.note_draft_id_seq'::regclass);


--
-- Name: notice id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notice ALTER COLUMN id SET DEFAULT nextval('public.notice_id_seq'::regclass);


--
-- Name: number_on_line id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_on_line ALTER COLUMN id SET DEFAULT nextval('public.number_on_line_id_seq'::regclass);


--
-- Name: number_rest id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_rest ALTER COLUMN id SET DEFAULT nextval('public.number_rest_id_seq'::regclass);


--
-- Name: offer id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer ALTER COLUMN id SET DEFAULT nextval('public.offer_id_seq'::regclass);


--
-- Name: outbox id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);


--
-- Name: passkey id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.passkey ALTER COLUMN id SET DEFAULT nextval('public.passkey_id_seq'::regclass);


--
-- Name: preflight_report id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preflight_report ALTER COLUMN id SET DEFAULT nextval('public.preflight_report_id_seq'::regclass);


--
-- Name: recovery_code id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code ALTER COLUMN id SET DEFAULT nextval('public.recovery_code_id_seq'::regclass);


--
-- Name: referral id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral ALTER COLUMN id SET DEFAULT nextval('public.referral_id_seq'::regclass);


--
-- Name: retention_policy id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retention_policy ALTER COLUMN id SET DEFAULT nextval('public.retention_policy_id_seq'::regclass);


--
-- Name: rewording id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rewording ALTER COLUMN id SET DEFAULT nextval('public.rewording_id_seq'::regclass);


--
-- Name: ring id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ring ALTER COLUMN id SET DEFAULT nextval('public.ring_id_seq'::regclass);


--
-- Name: role id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.role ALTER COLUMN id SET DEFAULT nextval('public.role_id_seq'::regclass);


--
-- Name: safety_save id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_save ALTER COLUMN id SET DEFAULT nextval('public.safety_save_id_seq'::regclass);


--
-- Name: safety_signature id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_signature ALTER COLUMN id SET DEFAULT nextval('public.safety_signature_id_seq'::regclass);


--
-- Name: service_policy id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_policy ALTER COLUMN id SET DEFAULT nextval('public.service_policy_id_seq'::regclass);


--
-- Name: set_aside id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside ALTER COLUMN id SET DEFAULT nextval('public.set_aside_id_seq'::regclass);


--
-- Name: shift id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift ALTER COLUMN id SET DEFAULT nextval('public.shift_id_seq'::regclass);


--
-- Name: shift_exception id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift_exception ALTER COLUMN id SET DEFAULT nextval('public.shift_exception_id_seq'::regclass);


--
-- Name: staff id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff ALTER COLUMN id SET DEFAULT nextval('public.staff_id_seq'::regclass);


--
-- Name: staff_session id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_session ALTER COLUMN id SET DEFAULT nextval('public.staff_session_id_seq'::regclass);


--
-- Name: text_out id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out ALTER COLUMN id SET DEFAULT nextval('public.text_out_id_seq'::regclass);


--
-- Name: tombstone id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tombstone ALTER COLUMN id SET DEFAULT nextval('public.tombstone_id_seq'::regclass);


--
-- Name: voice_message id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.voice_message ALTER COLUMN id SET DEFAULT nextval('public.voice_message_id_seq'::regclass);


--
-- Name: webhook_delivery id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_delivery ALTER COLUMN id SET DEFAULT nextval('public.webhook_delivery_id_seq'::regclass);


--
-- Name: webhook_endpoint id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_endpoint ALTER COLUMN id SET DEFAULT nextval('public.webhook_endpoint_id_seq'::regclass);


--
-- Name: website_save id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.website_save ALTER COLUMN id SET DEFAULT nextval('public.website_save_id_seq'::regclass);


--
-- Name: week_save id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.week_save ALTER COLUMN id SET DEFAULT nextval('public.week_save_id_seq'::regclass);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0062');


--
-- Data for Name: attempt; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_check; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_entry; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_entry VALUES (1, '2026-11-23 05:30:00+00', 'operator', 'staff_added', 'staff:1', '{"roles": ["advisor"]}', NULL, NULL, NULL, 'b2cb423c6a19909a78769b907b8a1237', '3e5ef113bd3b1f8a6b1e5cbb61b0dba1dbf87ba5865cf6590c1bbda3ae3c3552');
INSERT INTO public.audit_entry VALUES (2, '2026-11-23 05:30:00+00', 'operator', 'staff_added', 'staff:2', '{"roles": ["advisor"]}', NULL, NULL, NULL, 'be7a374df27400c3da0859605f54c5c3', '63a858ecb421ef740445a719b874a3fe07f93ebae773581a1a72f3d088ad5558');
INSERT INTO public.audit_entry VALUES (3, '2026-11-23 05:30:00+00', 'operator', 'staff_added', 'staff:3', '{"roles": ["supervisor"]}', NULL, NULL, NULL, 'f9e0b3db7cea5e21333382822e65cc22', '163e710ad41882e516e2ca77a07e895b9cedf7dcb7f2e77deb91a3464701a891');
INSERT INTO public.audit_entry VALUES (4, '2026-11-23 05:30:00+00', 'operator', 'staff_added', 'staff:4', '{"roles": ["admin"]}', NULL, NULL, NULL, '36b18050766ab687f6189a6f2335009a', 'd461cf103e53b6179d8f4ddf997ef3f93f7937863ee2a0bb3373774f076789ec');
INSERT INTO public.audit_entry VALUES (5, '2026-11-23 05:30:00+00', 'staff:1', 'callback_claimed', 'callback:1', '{}', NULL, NULL, NULL, 'd6db050b758ec6066e337060dd867bbd', 'caee610a7989a89df5d16d90bd5bfea2a5c76828f3bd19feeb1b49d76bf1c1e1');


--
-- Data for Name: audit_head; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_event; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_pace; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: callback; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.callback VALUES (1, '6def4acdd218edfc49a40cd1583190abbe9f79b0d17b733ab9ab4ec54bc23d21', 'claimed', 5, '2026-11-23 05:30:00+00', '2026-11-23 05:30:00+00', NULL, 'gAAAAABrA89Y18zRUMy--r3Lo06XnUAx6LrDqoEn-c0WyMKnTWn6H_hSd440CzQEIXQg8sEJMRrrfgJ_wQT8Umi8_3w4dsQi2A==', 'gAAAAABrA89YVOBkbXb9x-zd3LItGCI4u34XXmbzUqNKZe331_6wBsbAv8lWJxpVkF3RzAo_cj_RF_3J7_NnUgQihmLwYigjYw==', '1eb3eae80f0080dcbec1413584b9501a2c602164a94fc8648f6f4bd4424bd168', 'IN', 'gAAAAABrA89YOJC7x4vyNy47xL-oDKy1DBblpHphvvWmDedpDKDj8DWhkYIO6NZx7cM8aXQHVItJZaLu-BAC7WpiL97RqbCbPnvsmpSMQ87OxkmUAffsfdM=', 'hi', false, false, false, 1, '2026-11-23 05:30:00+00', '2026-11-23 05:35:00+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, 'web', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.callback VALUES (2, '66b284f83f374e714c0767338bad27338eb2fdbbd413ad90e3c92c70c5001e3f', 'waiting', 5, '2026-11-23 05:30:00+00', '2026-11-23 05:30:00+00', NULL, 'gAAAAABrA89YmGZqafUi7K86_5kLtL9ZxnT8yGwvragjRlEiXMEtHw4ZakjMxDiYOhfGA__vl-eaIFX5fLK_YUm6re60StQxIw==', 'gAAAAABrA89Y9yWzBBLuRY6AdmHjai-tx-NDE6KpdOAa3fzXdsPlkY8lDRw5MRVEnZVSwVQH0wvtMJoy2C912BILr9QlO9Hydg==', '895e338dca3a389e58b2618db2a295423622c921c5e67b8443585ba755efb806', 'IN', NULL, 'en', false, false, false, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 'web', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.callback VALUES (3, 'fe07998fcec99d87d4b0cc055c16e2a7daa42ebfaaa53b741f680717a09257c3', 'waiting', 5, '2026-11-23 05:30:00+00', '2026-11-23 05:30:00+00', NULL, 'gAAAAABrA89Y9TJYuZrZTw22RkdqJo-8ZhWEobmDJt5B95m4wHhRf_8v8yKiU9m85ljqOOEOOeVayUbEMsdFtpFw2Ngu26nyig==', 'gAAAAABrA89YCf0d3GYYFVjWGJWXPb98dNQbC2tiQffFVPyg1LDfHjcrFfJN34wjiDefq0rDW5UUvZxMMLXWvsHP8rZXBJUHGg==', '3ea4113f24dff551f1ff46203b86216a627a5fcb663ac3603484e0685dca1217', 'IN', 'gAAAAABrA89YZl0JJJT-bNE3sjCU5kJd-HWyqNKHhdw-eQBZzjS5586C-8hiVu2o7ZTq4TQ-76K6ZiSBRvZ5ZBgphyDhPUE57lg75eyXAWryT1FBEJcSm8o=', 'en', false, false, false, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 'web', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.callback VALUES (4, 'e8c43f2f05691a190e55e5ea8d77df640abd9ec3c1105a239391877476db3acd', 'cancelled', 5, '2026-11-23 05:30:00+00', '2026-11-23 05:30:00+00', NULL, 'gAAAAABrA89Y9ALDnmhTA7sLKD-SHa5FNh3ON3cotFaLp3u9bdBjrMNMYekDYcgb47f-FDgXF_uqiqDZP2E27rGK4casFeI4fQ==', 'gAAAAABrA89Yt87-X2wb1gF_bTn_w4Dpm4a5b4uk8D3FoJGKIfnWzN9yT4edVvIZQ7dO2oqTthNJup4-OvPmytcDNjtXVV1EGQ==', '2ee44bdcad3b5d2ec3792b010700809291289bc22f094157b12a2bad16cc09db', 'IN', NULL, 'en', false, false, false, NULL, NULL, NULL, 0, NULL, '2026-11-23 05:30:00+00', NULL, NULL, NULL, NULL, 'web', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: callback_event; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.callback_event VALUES (1, 1, '2026-11-23 05:30:00+00', 'ask', NULL, 'waiting', 'visitor', '2026-11-23 05:30:00+00');
INSERT INTO public.callback_event VALUES (2, 1, '2026-11-23 05:30:00+00', 'claim', 'waiting', 'claimed', 'staff:1', '2026-11-23 05:30:00+00');
INSERT INTO public.callback_event VALUES (3, 2, '2026-11-23 05:30:00+00', 'ask', NULL, 'waiting', 'visitor', '2026-11-23 05:30:00+00');
INSERT INTO public.callback_event VALUES (4, 3, '2026-11-23 05:30:00+00', 'ask', NULL, 'waiting', 'visitor', '2026-11-23 05:30:00+00');
INSERT INTO public.callback_event VALUES (5, 4, '2026-11-23 05:30:00+00', 'ask', NULL, 'waiting', 'visitor', '2026-11-23 05:30:00+00');
INSERT INTO public.callback_event VALUES (6, 4, '2026-11-23 05:30:00+00', 'cancel', 'waiting', 'cancelled', 'visitor', '2026-11-23 05:30:00+00');


--
-- Data for Name: caller_id; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: care_place; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: carrier_failure; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: closure; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: code_app; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: counted_day; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: crisis_line; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.crisis_line VALUES (1, 'IN', 0, 'Emergency Response Support System', 'emergency', '112', '112', NULL, NULL, '24/7', '["hi", "en"]', '112.gov.in', 'Police, fire and ambulance.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)", "https://www.deccanherald.com/national/women-and-child-development-ministry-is-merging-two-women-helplines-1088576.html (112 reaches police, fire, health and women''s help; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (2, 'IN', 1, 'Tele-MANAS', 'crisis_line', '14416', '14416', NULL, NULL, '24/7', '["hi", "en"]', 'telemanas.mohfw.gov.in', 'National mental health phone line, in about 20 languages by state. If 14416 does not connect: 1-800-891-4416.', '["https://theshillongtimes.com/2025/02/07/tele-manas-mental-health-helpline-handles-over-18-1-lakh-calls-centre/ (minister in Lok Sabha, 2025-02-07: toll-free, 24x7, 20 languages; seen 2026-11-30 in a stored copy)", "https://menafn.com/1109390520/Over-Rs-230-Cr-Allocated-For-National-Tele-Mental-Health-Programme-Since-2022-Centre (minister in Lok Sabha, 2025-04-04: 24x7, toll-free; seen 2026-11-30 in a stored copy)", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)", "https://crackittoday.com/current-affairs/tele-manas/ (second number 1-800-891-4416; seen 2026-11-30 in a stored copy)", "Find a Helpline, India page, copied 2025-05-03 (a public repository, FindaHelpline_Suicide.md; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (3, 'IN', 2, 'National de-addiction helpline', 'substance_use', '14446', '14446', NULL, NULL, NULL, '["hi", "en"]', 'nmba.dosje.gov.in', 'First counselling and referral for alcohol and drug use.', '["https://menafn.com/1109867538/Nasha-Mukt-Bharat-Abhiyaan-Over-165-Cr-Indians-Sensitised-Against-Drug-Abuse-Says-Govt (minister in Rajya Sabha, 2025-07-31: toll-free, counselling and referral, 4.3 lakh calls; seen 2026-11-30 in a stored copy)", "https://cbcindia.gov.in/wp-content/themes/boc/mann_ki_baat/e_july24/files/basic-html/page46.html (government booklet, July 2024: national toll-free helpline; seen 2026-11-30 in a stored copy)", "https://hindi.thequint.com/news/india/number-of-rise-in-alcoholism-by-107-percent-in-2017 (2018: the line before it, 1800-11-0031, open day and night since 2017-03-01; says nothing of 14446; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium (number high, hours unknown)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (4, 'IN', 3, 'MANAS narcotics helpline', 'law_enforcement', '1933', '1933', NULL, NULL, '24/7', '["hi", "en"]', 'ncbmanas.gov.in', 'Run by the Narcotics Control Bureau, a law enforcement agency. Mostly for reports of trafficking; people who ask for treatment are referred to 14446. No name is needed.', '["https://www.hindustantimes.com/cities/delhi-news/manas-proves-effective-delhi-registers-16-drug-related-cases-this-year-101754589375758.html (2025-08-08: 24x7, toll-free, anonymous; 7,100 of 70,000 calls about de-addiction; seen 2026-11-30 in a stored copy)", "https://healthandfamily.in/manas-national-narcotics-helpline-empowers-citizens-in-fight-against-drug-menace (press information 2025-08-06: two languages, refers to the ministry''s helpline; seen 2026-11-30 in a stored copy)", "https://medicarepharmabusiness.com/?p=30839 (July 2024: 24x7, site ncbmanas.gov.in; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, '2026-11-23 05:30:00+00', 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (5, 'IN', 4, 'Women helpline', 'domestic_abuse', '181', '181', NULL, NULL, '24/7', '["hi", "en"]', NULL, 'For women who face violence; links to police, hospitals and One Stop Centres. Not run in West Bengal when last reported (December 2024): call 112 there.', '["https://www.thehawk.in/news/india/over-8164-lakh-women-supported-via-181-women-helpline-since-2015-govt-report (minister in Rajya Sabha, 2024-12-11: 24x7x365, 35 states and territories, not West Bengal; seen 2026-11-30 in a stored copy)", "https://www.devdiscourse.com/article/headlines/3190404-women-helpline-impacts-8164-lakh-women-says-ministry (2024-12-11; seen 2026-11-30 in a stored copy)", "https://arunachaltimes.in/index.php/2023/08/29/wcd-dept-launches-women-helpline-181/ (state government, 2023-08-29: toll-free, 24/7; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (6, 'IN', 5, 'National Commission for Women helpline', 'domestic_abuse', '14490', '14490', NULL, NULL, '24/7', '["hi", "en"]', NULL, 'For women and girls above 18: violence or harassment, complaints and counselling. Also 7827170170.', '["https://munsifdaily.com/?p=266564 (launch, 2025-11-24: 24x7, toll-free, linked to 7827170170; seen 2026-11-30 in a stored copy)", "https://www.nationpress.com/national/ncw-launches-247-helpline-for-women (2025-11-24; seen 2026-11-30 in a stored copy)", "https://theindiapost.com/?p=5447 (access widened; women and girls above 18; seen 2026-11-30 in a stored copy)", "https://pragativadi.com/smriti-irani-launches-24-7-helpline-for-women-affected-by-violence/ (2021-07-27: 7827170170, 24/7; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (7, 'IN', 6, 'Child helpline', 'child', '1098', '1098', NULL, NULL, '24/7', '["hi", "en"]', NULL, 'For anyone under 18, or an adult on their behalf. Run by the states; emergencies are passed on to 112.', '["https://orissadiary.com/integration-of-child-helpline-with-erss-112-completed-in-9-states/ (ministry, 2023-07-26: toll-free, 24x7; state by state joined to 112; seen 2026-11-30 in a stored copy)", "https://the-journalist.com/raipur-integration-with-police-to-make-child-helpline-effective (Chhattisgarh, 2024-05-28: 24-hour emergency service; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (8, 'IN', 7, 'Vandrevala Foundation', 'crisis_line', '9999 666 555', '9999666555', NULL, NULL, '24/7', '["hi", "en"]', 'vandrevalafoundation.com', 'Emotional support by phone or WhatsApp. This is an ordinary mobile number, so the call may cost money. From abroad: +91 9999 666 555.', '["Find a Helpline, India page, copied 2025-05-03 (a public repository, FindaHelpline_Suicide.md; seen 2026-11-30 in a stored copy)", "stored public source text 56669457928 (author says checked 2026-07-12: call or WhatsApp, 24/7; seen 2026-11-30 in a stored copy)", "https://bitbucket.org/yourdost/bugtracker/issues/279/number-of-vandrevala-foundation-helpline (the foundation''s officer: 1860 2662 345 was replaced by +91 9999 666 555; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium', '+919999666555', NULL);
INSERT INTO public.crisis_line VALUES (9, 'US', 8, 'Emergency services', 'emergency', '911', '911', NULL, NULL, '24/7', '["en"]', '911.gov', '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (10, 'US', 9, '988 Suicide & Crisis Lifeline', 'crisis_line', '988', '988', '988', NULL, '24/7', '["en", "es"]', '988lifeline.org', 'Call, text or chat; press 1 for veterans, 2 for Spanish. By videophone in American Sign Language.', '["https://www.pubt.io/view/5100EBF7F88F5A9084F93DDA3702BC1BAC216FC5 (US health department, 2026-01-13: calls, texts, chats, ASL videophone; 8 million contacts in 2025; seen 2026-11-30 in a stored copy)", "https://kffhealthnews.org/news/article/988-suicide-crisis-lifeline-hotline-lgbtq-press-3-option-ended-states-backfill/ (2025-08-19: option 3 ended on 2025-07-17; seen 2026-11-30 in a stored copy)", "https://cyptea.com/?p=8567 (2025: options 1 and 2 remain; seen 2026-11-30 in a stored copy)", "https://www.samhsa.gov/newsroom/press-announcements/20230713/988-suicide-crisis-lifeline-adds-spanish-text-chat-service-ahead-one-year-anniversary (2023-07-13: Spanish text and chat; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, '988lifeline.org/chat');
INSERT INTO public.crisis_line VALUES (11, 'US', 10, 'SAMHSA National Helpline', 'substance_use', '1-800-662-4357', '+18006624357', NULL, NULL, '24/7', '["en", "es"]', 'samhsa.gov', 'Referral to treatment and information, not counselling; TTY 1-800-487-4889. By text: send your ZIP code to 435748 (English only).', '["https://www.samhsa.gov/find-help/national-helpline", "https://app.altruwe.org/proxy?url=https%3A%2F%2Fwww.samhsa.gov%2F%2Ffind-help%2Fnational-helpline (copy of SAMHSA''s own page, undated: free, 24/7, not counselling, ZIP code to 435748; seen 2026-11-30 in a stored copy)", "https://thewrightinitiative.com/misc/need-help-with-mental-health.html (copy of SAMHSA''s own page, undated: text only in English; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high (text line medium: copies are undated)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (12, 'US', 11, 'Crisis Text Line', 'text_line', NULL, NULL, '741741', 'HOME', '24/7', '["en", "es"]', 'crisistextline.org', '', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "https://www.alexproject.org/crisis-text-line-text-home-to-741741 (free, 24/7, anyone in the US; seen 2026-11-30 in a stored copy)", "http://www.sfisd.net/apps/pages/index.jsp?uREC_ID=1473130&type=d&pREC_ID=1625729 (free on the four large carriers of that time; others may charge; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (13, 'US', 12, 'National Domestic Violence Hotline', 'domestic_abuse', '1-800-799-7233', '+18007997233', '88788', 'START', '24/7', '["en", "es"]', 'thehotline.org', 'TTY 1-800-787-3224. Chat on the website.', '["https://ovc.ojp.gov/news/grantee-news/national-domestic-violence-hotline-answers-6-million-contacts (Department of Justice, 2022-01-20: every day and night, by phone, text and chat; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (14, 'GB', 13, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["en"]', NULL, '112 works too.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (15, 'GB', 14, 'Samaritans', 'crisis_line', '116 123', '116123', NULL, NULL, '24/7', '["en"]', 'samaritans.org', 'Free from any phone in the UK, even without credit.', '["https://www.samaritans.org/how-we-can-help/contact-samaritan/ (own page: free from landlines and mobiles, no credit needed; seen 2026-11-30 in a stored copy)", "https://fullfact.org/online/samaritans-text-message-service/ (2022-12-08: free, any time; there is no Samaritans text line any more; seen 2026-11-30 in a stored copy)", "https://www.kickstherapy.com/blog/mental-health-crisis-resources-uk (2026-01-18; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (16, 'GB', 15, 'NHS 111, mental health option', 'crisis_line', '111', '111', NULL, NULL, '24/7', '["en"]', '111.nhs.uk', 'Choose the mental health option (2). Not in Northern Ireland: call Lifeline there, 0808 808 8000.', '["https://www.tewv.nhs.uk/?p=26449 (NHS trust, 2025-11-17: 111, mental health option; seen 2026-11-30 in a stored copy)", "https://www.pendeensurgery.nhs.uk/health-information/urgent-mental-health-support-and-mental-health-and-wellness (NHS practice: option 2, 24 hours; seen 2026-11-30 in a stored copy)", "https://www.oundlesurgery.nhs.uk/news/accessing-mental-health-services-via-111 (NHS practice, 2023-05-03: the spoken menu may name the option instead of a digit; seen 2026-11-30 in a stored copy)", "https://review.clateway.com/wiki/view_html.php?lang=en&q=NHS_111&sq=Google (copy of Wikipedia: England, Scotland, Wales; not Northern Ireland; seen 2026-11-30 in a stored copy)", "stored public source text 70496641158 (in Northern Ireland Lifeline instead; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (17, 'GB', 16, 'Lifeline (Northern Ireland)', 'crisis_line', '0808 808 8000', '08088088000', NULL, NULL, '24/7', '["en"]', 'lifelinehelpline.info', 'Northern Ireland only.', '["stored public source text 5977578462 (24/7, 365 days, lifelinehelpline.info; seen 2026-11-30 in a stored copy)", "stored public source text 59872360096 (free, 24/7 across Northern Ireland; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (free, 24/7; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (18, 'GB', 17, 'Shout', 'text_line', NULL, NULL, '85258', 'SHOUT', '24/7', '["en"]', 'giveusashout.org', '', '["https://fullfact.org/online/samaritans-text-message-service/ (2022-12-08: free, 24/7; seen 2026-11-30 in a stored copy)", "https://www.kickstherapy.com/blog/mental-health-crisis-resources-uk (2026-01-18; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (19, 'GB', 18, 'FRANK', 'substance_use', '0300 123 6600', '03001236600', NULL, NULL, '24/7', '["en"]', 'talktofrank.com', 'Advice about drugs, for people who use them and those around them.', '["https://en.wikipedia.org/wiki/FRANK_(drugs) (telephone 24 hours a day; live chat 14-18 only; seen 2026-11-30 in a stored copy)", "stored public source text 12936860116 (24 hours a day, 7 days a week; seen 2026-11-30 in a stored copy)", "stored public source text 67386181198 (24/7; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'may_cost', 1, '{}', NULL, 'medium (pages are undated)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (20, 'GB', 19, 'National Domestic Abuse Helpline', 'domestic_abuse', '0808 2000 247', '08082000247', NULL, NULL, '24/7', '["en"]', NULL, 'Run by Refuge, for women in England.', '["stored public source text 70713113494 (free, 24-hour, run by Refuge; seen 2026-11-30 in a stored copy)", "stored public source text 57474959269 (free, 24h; seen 2026-11-30 in a stored copy)", "stored public source text 6707550649 (24/7; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (21, 'CA', 20, 'Emergency services', 'emergency', '911', '911', NULL, NULL, '24/7', '["en", "fr"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (22, 'CA', 21, '9-8-8 Suicide Crisis Helpline', 'crisis_line', '9-8-8', '988', '988', NULL, '24/7', '["en", "fr"]', '988.ca', '', '["https://988.ca/get-help/what-to-expect", "https://www.newswire.ca/news-releases/government-of-canada-announces-kids-help-phone-as-9-8-8-network-partner-898887020.html (government, 2023-11-17; seen 2026-11-30 in a stored copy)", "https://www.maplenow.ca/site/988-suicide-crisis-helpline (calls and texts, no cost; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (23, 'CA', 22, 'Kids Help Phone', 'child', '1-800-668-6868', '+18006686868', '686868', 'CONNECT', '24/7', '["en", "fr"]', 'kidshelpphone.ca', 'For young people. In French, text TEXTO.', '["https://www.newswire.ca/news-releases/government-of-canada-announces-kids-help-phone-as-9-8-8-network-partner-898887020.html (government, 2023-11-17: 24/7, free, English and French; seen 2026-11-30 in a stored copy)", "https://www.cbc.ca/news/health/mental-health-crisis-text-kids-help-phone-1.4894118 (2018: 686868; other words then; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high (the word to text medium)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (24, 'AU', 23, 'Emergency services', 'emergency', '000', '000', NULL, NULL, '24/7', '["en"]', NULL, 'From a mobile phone 112 works too; from a text phone 106.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (25, 'AU', 24, 'Lifeline', 'crisis_line', '13 11 14', '131114', '+61477131114', NULL, '24/7', '["en"]', 'lifeline.org.au', 'Chat on the website too.', '["https://lifeinmind.org.au/news/lifelines-crisis-text-service-now-available-24-7 (2022-02: call, text and chat 24/7; seen 2026-11-30 in a stored copy)", "https://www.9news.com.au/national/lifeline-launches-247-text-service-as-record-numbers-of-australians-seek-support/51f2cf15-e2ba-40be-830f-a7d80a49f740 (2022: text, phone and chat 24/7; seen 2026-11-30 in a stored copy)", "https://newshub.medianet.com.au/2024/09/lifeline-urges-australians-to-get-to-know-all-the-ways-to-reach-out-for-support/66068 (Lifeline, September 2024; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, 'lifeline.org.au');
INSERT INTO public.crisis_line VALUES (26, 'AU', 25, 'Beyond Blue', 'crisis_line', '1300 22 4636', '1300224636', NULL, NULL, '24/7', '["en"]', 'beyondblue.org.au', '', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "stored public source text 41768181189 (list updated 2025-02-14: 24/7; seen 2026-11-30 in a stored copy)", "stored public source text 71595630304 (24/7; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (27, 'AU', 26, 'National Alcohol and Other Drug Hotline', 'substance_use', '1800 250 015', '1800250015', NULL, NULL, '24/7', '["en"]', 'health.gov.au', '', '["stored public source text 8689436 (24/7, free and confidential, points to health.gov.au; seen 2026-11-30 in a stored copy)", "stored public source text 37501128118 (24/7; seen 2026-11-30 in a stored copy)", "stored public source text 67304379215 (24/7 counselling; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (28, 'AU', 27, 'Kids Helpline', 'child', '1800 55 1800', '1800551800', NULL, NULL, '24/7', '["en"]', NULL, 'Ages 5 to 25.', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)", "stored public source text 41768181189 (list updated 2025-02-14; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (29, 'AU', 28, '13YARN', 'crisis_line', '13 92 76', '139276', NULL, NULL, NULL, '["en"]', '13yarn.org.au', 'For Aboriginal and Torres Strait Islander people.', '["stored public source text 55005873087 (13yarn.org.au; seen 2026-11-30 in a stored copy)", "stored public source text 62646544767 (crisis support; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium (24/7 in one source only)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (30, 'AU', 29, '1800RESPECT', 'domestic_abuse', '1800 737 732', '1800737732', NULL, NULL, '24/7', '["en"]', '1800respect.org.au', 'Domestic, family and sexual violence.', '["https://live.thepoint.com.au/category/the-point-live-nationals-push-for-coalition-to-delay-mining-friendly-envvironment-laws-while-the-fallout-from-hansont-islamaphobic-burqa-stunt-continues (AAP, 2025: free, open 24 hours; seen 2026-11-30 in a stored copy)", "https://dailytv.net/video/x8xofq4 (the number; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (31, 'NZ', 30, 'Emergency services', 'emergency', '111', '111', NULL, NULL, '24/7', '["en"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (32, 'NZ', 31, 'Need to talk? 1737', 'crisis_line', '1737', '1737', '1737', NULL, '24/7', '["en"]', '1737.org.nz', '', '["http://www.scoop.co.nz/stories/PA1706/S00527/single-phone-number-to-access-support-services.htm (minister, 2017-06-29: free to call or text, 24/7; seen 2026-11-30 in a stored copy)", "https://www.pegasus.health.nz/?p=6300 (free, 24 hours; interpreters for many languages; seen 2026-11-30 in a stored copy)", "https://nzfamilies.org.nz/?p=1578 (2025-12-22; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (33, 'NZ', 32, 'Alcohol Drug Helpline', 'substance_use', '0800 787 797', '0800787797', '8681', NULL, '24/7', '["en"]', 'alcoholdrughelp.org.nz', '', '["stored public source text 58760701779 (call or text 8681, 24/7; seen 2026-11-30 in a stored copy)", "stored public source text 58887324073 (24/7, trained counsellors; seen 2026-11-30 in a stored copy)", "stored public source text 71410157079 (or text 8681; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (34, 'SG', 33, 'Emergency ambulance', 'emergency', '995', '995', NULL, NULL, '24/7', '["en"]', NULL, 'Police: 999.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (35, 'SG', 34, 'Samaritans of Singapore', 'crisis_line', '1767', '1767', NULL, NULL, '24/7', '["en"]', 'sos.org.sg', 'By WhatsApp: +65 9151 1767.', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)", "https://honeykidsasia.com/world-suicide-prevention-day-get-help-singapore-samaritans/"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', '+6591511767', NULL);
INSERT INTO public.crisis_line VALUES (36, 'SG', 35, 'National Mindline', 'crisis_line', '1771', '1771', NULL, NULL, '24/7', '["en", "zh", "ms", "ta"]', 'mindline.sg', 'By WhatsApp: +65 6669 1771.', '["https://www.moh.gov.sg/newsroom/national-mindline-1771-to-provide--round-the-clock-support-for-mental-health (health ministry, 2025-06-18; seen 2026-11-30 in a stored copy)", "https://www.straitstimes.com/singapore/national-mental-health-call-and-textline-launched (2025-06-18: 24/7, four languages; seen 2026-11-30 in a stored copy)", "https://about.sg/singapore-launches-national-mental-health-support/ (free; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', '+6566691771', 'mindline.sg/fsmh');
INSERT INTO public.crisis_line VALUES (37, 'SG', 36, 'National Anti-Violence Helpline', 'domestic_abuse', '1800 777 0000', '18007770000', NULL, NULL, '24/7', '["en", "zh", "ms", "ta"]', NULL, '', '["https://cnalifestyle.channelnewsasia.com/singapore/msf-launches-24-hour-domestic-violence-helpline-victims-public-seek-help-308966 (2021-02: of the ministry, 24 hours; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (38, 'ZA', 37, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["en"]', NULL, 'From mobile phones. From a landline: ambulance 10177, police 10111.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (10111 or 10177; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (39, 'ZA', 38, 'SADAG Suicide Crisis Helpline', 'crisis_line', '0800 567 567', '0800567567', NULL, NULL, '24/7', '["en"]', 'sadag.org', '', '["https://www.sadag.org/index.php?option=com_content&view=article&id=2947:psychiatric-admissions-the-steps&catid=74&Itemid=412 (operator''s own list of 24-hour toll-free lines, 2024 calendar; seen 2026-11-30 in a stored copy)", "https://news.backabuddy.co.za/2025/11/04/mens-mental-health-month (2025-11-04: 24-hour helplines, every day; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (40, 'ZA', 39, 'Substance Abuse Helpline', 'substance_use', '0800 12 13 14', '0800121314', '32312', NULL, '24/7', '["en"]', 'sadag.org', '', '["https://www.sadag.org/index.php?option=com_content&view=article&id=462:health-system-a-let-down&catid=74&Itemid=412 (operator''s own list: 24-hour, toll-free, SMS 32312; seen 2026-11-30 in a stored copy)", "https://algoafm.co.za/algoa-cares/sadag (2021: named for the hours from 20 to 8; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (41, 'ZA', 40, 'Gender-based violence command centre', 'domestic_abuse', '0800 428 428', '0800428428', NULL, NULL, '24/7', '["en"]', NULL, '', '["https://www.capetalk.co.za/articles/383281/gbv-call-centre-received-over-120-000-calls-in-the-first-three-weeks-of-lockdown (2020-05-11: toll free, day and night, refers to the police; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (42, 'IE', 41, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["en"]', NULL, '999 works too.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (43, 'IE', 42, 'Samaritans', 'crisis_line', '116 123', '116123', NULL, NULL, '24/7', '["en"]', 'samaritans.org', '', '["https://www.irishexaminer.com/breakingnews/ireland/samaritans-answer-29m-calls-since-2014-charity-to-play-crucial-role-in-new-mental-help-phone-service-914684.html (2019: freephone; seen 2026-11-30 in a stored copy)", "https://www.irishtimes.com/news/samaritans-freephone-helpline-will-save-lives-says-lynch-1.526624 (24 hours, all year; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (44, 'IE', 43, 'Pieta', 'crisis_line', '1800 247 247', '1800247247', NULL, NULL, '24/7', '["en"]', 'pieta.ie', '', '["https://wicklownow.ie/news/wicklow-people-feeling-low-over-christmas-period-urged-to-contact-helpline/ (24/7; seen 2026-11-30 in a stored copy)", "https://avondhupress.ie/having-someone-to-talk-to-in-the-middle-of-the-night-actually-keeps-you-alive/ (free, 24-hour; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium (sources from 2019 to 2021)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (45, 'IE', 44, 'HSE Drugs and Alcohol Helpline', 'substance_use', '1800 459 459', '1800459459', NULL, NULL, 'Mo-Fr 09:30-17:30', '["en"]', 'hse.ie', '', '["stored public source text 70348005452 (points to hse.ie, Mon to Fri 9:30 to 17:30; seen 2026-11-30 in a stored copy)", "stored public source text 48237256670 (same hours; seen 2026-11-30 in a stored copy)", "stored public source text 55696917543 (same hours; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', 'Europe/Dublin', 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (46, 'IE', 45, 'Women''s Aid', 'domestic_abuse', '1800 341 900', '1800341900', NULL, NULL, '24/7', '["en"]', 'womensaid.ie', 'For women.', '["https://www.womensaid.ie/about/newsevents/news/2016/09/05/media-release-41-calls-a-day-to-womens-aid-in-2016/ (the organisation, 2016-09-05: free, open day and night; seen 2026-11-30 in a stored copy)", "https://www.thejournal.ie/womens-aid-helpline-2-2964358-Sep2016/ (2016-09-05: free, open day and night; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (47, 'DE', 46, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["de"]', NULL, 'Fire and ambulance. Police: 110.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (48, 'DE', 47, 'TelefonSeelsorge', 'crisis_line', '0800 111 0 111', '08001110111', NULL, NULL, '24/7', '["de"]', 'telefonseelsorge.de', 'Also 116 123. Chat on the website.', '["https://www.domradio.de/artikel/telefonseelsorge-jetzt-unter-oekumenischem-dachverband (day and night, free; seen 2026-11-30 in a stored copy)", "https://www.jesus.de/nachrichten-themen/nachrichten-gesellschaft/chatgpt-als-seelsorger/ (2025-10-01: day and night; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, 'telefonseelsorge.de');
INSERT INTO public.crisis_line VALUES (49, 'DE', 48, 'Hilfetelefon Gewalt gegen Frauen', 'domestic_abuse', '116 016', '116016', NULL, NULL, '24/7', '["de", "en"]', 'hilfetelefon.de', 'For women; in 18 languages. Chat on the website.', '["https://www.attendorn.de/Rathaus/Aktuelles/Hilfetelefon-jetzt-mit-EU-weiter-Nummer.php (a town, 2023: free, 116 016 since June 2023; seen 2026-11-30 in a stored copy)", "https://utopia.de/news/116-016-hilfetelefon-gewalt-gegen-frauen-neue-nummer-kurz (2023: day and night, free; seen 2026-11-30 in a stored copy)", "https://dieguteminute.ch/deutschlands-notrufnummer-fuer-frauen-wird-einfacher/ (2023: day and night, 18 languages; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (50, 'FR', 49, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["fr"]', NULL, 'Ambulance: 15.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (51, 'FR', 50, '3114', 'crisis_line', '3114', '3114', NULL, NULL, '24/7', '["fr"]', '3114.fr', 'National suicide prevention line; health professionals answer.', '["https://3114.fr/que-se-passe-t-il-quand-je-contacte-le-3114/ (own page: 24 hours, mainland and overseas; seen 2026-11-30 in a stored copy)", "https://axaprevention.fr/fr/article/prevention-suicide-journee-mondiale (free, 24/7; SAMU 15 at immediate risk; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (52, 'ES', 51, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["es"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (53, 'ES', 52, '024', 'crisis_line', '024', '024', NULL, NULL, '24/7', '["es"]', NULL, 'National line for people with suicidal thoughts and those close to them. Chat on the website.', '["https://www.farodevigo.es/galicia/2025/10/11/medio-millar-gallegos-mes-024-linea-suicidio-122499662.html (2025-10-11: free, 24 hours; chat; seen 2026-11-30 in a stored copy)", "https://www.rtve.es/noticias/20220509/sanidad-presenta-telefono-prevencion-suicidio/2347183.shtml (2022-05-09; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (54, 'NL', 53, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["nl"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (55, 'NL', 54, '113 Zelfmoordpreventie', 'crisis_line', '113', '113', NULL, NULL, '24/7', '["nl"]', '113.nl', 'Also 0800-0113. Chat on the website.', '["https://www.upday.com/nl/binnenland/nummer-113-nu-gratis-betere-hulp-bij-zelfdodingsgedachten/pj8neqt (ANP, 2025-10-03: 113 is free now, 24/7; seen 2026-11-30 in a stored copy)", "https://www.nu.nl/binnenland/6062813/hulplijn-113-nu-ook-rechtstreeks-bereikbaar-voor-zelfmoordpreventie.html (2020-07: day and night; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, '113.nl');
INSERT INTO public.crisis_line VALUES (56, 'PL', 55, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["pl"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (57, 'PL', 56, '116 123', 'crisis_line', '116 123', '116123', NULL, NULL, '24/7', '["pl"]', '116sos.pl', 'For adults. Chat on the website.', '["https://www.telepolis.pl/wiadomosci/ministerstwo-cyfryzacji-wazne-numery-kampania (ministry of digital affairs, November 2025: free, all day and night; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (116 123; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'medium (older pages say 14-22 on weekdays)', NULL, '116sos.pl');
INSERT INTO public.crisis_line VALUES (58, 'PL', 57, '116 111', 'child', '116 111', '116111', NULL, NULL, '24/7', '["pl"]', '116111.pl', '', '["https://edukacja.dziennik.pl/aktualnosci/artykuly/9394589,telefony-zaufania-dla-dzieci-i-mlodziezy-2024-gdzie-otrzymasz-pomoc.html (2024-01: free, all day and night; seen 2026-11-30 in a stored copy)", "https://www.telepolis.pl/wiadomosci/ministerstwo-cyfryzacji-wazne-numery-kampania (November 2025; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (59, 'HK', 58, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["zh", "en"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (60, 'HK', 59, 'The Samaritans Hong Kong', 'crisis_line', '2896 0000', '28960000', NULL, NULL, '24/7', '["en", "zh"]', NULL, '', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (73, 'MY', 72, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["ms", "en"]', NULL, '112 from a mobile phone works too.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "https://www.malaymail.com/news/malaysia/2026/01/06/about-80-malaysians-a-day-turn-to-heal-15555-mental-health-hotline-for-help-says-dzulkefly/204492 (2026-01-06: MERS999 sends help in a suicide attempt; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (61, 'AE', 60, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["ar", "en"]', NULL, 'Police; they send an ambulance too. Ambulance directly: 998.', '["https://trekmedics.org/database/united_arab_emirates/?country=United%20Arab%20Emirates (999 or 998 for an ambulance; seen 2026-11-30 in a stored copy)", "https://www.khaleejtimes.com/emergencies/uae-woman-calls-998-after-hearing-people-cough-assuming-they-have-covid (National Ambulance, 2022: 998; seen 2026-11-30 in a stored copy)", "https://www.khaleejtimes.com/ml/uae/dubai-dial-999-only-for-emergencies-residents-urged-after-hotline-gets-over-71000-calls-during-ei (Dubai Police, 2024-06-21: 999 for emergencies; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (62, 'AE', 61, '800-SAKINA, Abu Dhabi', 'crisis_line', '800 725462', '800725462', NULL, NULL, '24/7', '["ar", "en"]', NULL, 'Run by Abu Dhabi''s health department.', '["https://www.aletihad.ae/news/%D8%A7%D9%84%D8%A5%D9%85%D8%A7%D8%B1%D8%A7%D8%AA/4648486/-%D8%B5%D8%AD%D8%A9-%D8%A3%D8%A8%D9%88%D8%B8%D8%A8%D9%8A--%D8%AA%D9%81%D8%B9%D9%84-%D8%A7%D9%84%D8%AE%D8%B7-%D8%A7%D9%84%D8%B3%D8%A7%D8%AE%D9%86-sakina-800 (2026-03-02: round the clock, Arabic and English; seen 2026-11-30 in a stored copy)", "https://www.zawya.com/ar/%D8%A7%D9%84%D8%A8%D9%8A%D8%A7%D9%86%D8%A7%D8%AA-%D8%A7%D9%84%D8%B5%D8%AD%D9%81%D9%8A%D8%A9/%D8%A8%D9%8A%D8%A7%D9%86%D8%A7%D8%AA-%D8%AD%D9%83%D9%88%D9%85%D9%8A%D8%A9/800-sakina-bnz48g8m (press release, 2026-03-02; seen 2026-11-30 in a stored copy)", "stored public source text 54499510781 (800-725462, 24/7; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium (set up in March 2026 for a crisis of the time: ask whether it goes on)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (63, 'AE', 62, 'National mental support line', 'crisis_line', '800 4673', '8004673', NULL, NULL, 'Mo-Su 08:00-20:00', '["ar", "en"]', NULL, '', '["https://www.thenationalnews.com/uae/health/coronavirus-uae-sets-up-free-national-helpline-to-support-mental-health-1.1021577 (2020: free, Arabic and English, WhatsApp; seen 2026-11-30 in a stored copy)", "stored public source text 56892414264 (8am-8pm; seen 2026-11-30 in a stored copy)", "stored public source text 54910634697 (8am-8pm; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', 'Asia/Dubai', 'low (whether it still runs in 2026 is not confirmed)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (64, 'SA', 63, 'Ambulance, Red Crescent', 'emergency', '997', '997', NULL, NULL, '24/7', '["ar"]', NULL, 'In the regions of Riyadh, Makkah, Madinah and the Eastern Province, 911 reaches every service.', '["emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)", "https://gulfpress.net/?p=415490 (interior ministry: 911 in four regions, answered day and night in several languages; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium (997 high in lists; hours by what it is)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (65, 'SA', 64, 'Unified emergency number', 'emergency', '911', '911', NULL, NULL, '24/7', '["ar", "en"]', NULL, 'Only in the regions of Riyadh, Makkah, Madinah and the Eastern Province.', '["https://gulfpress.net/?p=415490 (interior ministry, a November: four regions; seen 2026-11-30 in a stored copy)", "https://ksa.com/ncso-received-2-4-million-emergency-calls-from-riyadh-makkah-and-eastern-region (2024-03-03: 24/7; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (66, 'OM', 65, 'Emergency services', 'emergency', '9999', '9999', NULL, NULL, '24/7', '["ar"]', NULL, 'Royal Oman Police; police, fire and ambulance.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://www.omanobserver.om/dial-9999-only-for-emergencies-and-1099-for-covid-enquiries/ (Royal Oman Police, 2021-03-31; seen 2026-11-30 in a stored copy)", "https://progress.guide/?p=12770 (9999 for police, ambulance and fire; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (67, 'QA', 66, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["ar"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (68, 'QA', 67, 'National mental health helpline', 'crisis_line', '16000', '16000', NULL, NULL, 'Sa-Th 08:00-18:00', '["ar", "en"]', NULL, 'Choose a language, then 4. At other hours go to an emergency department.', '["https://qatarday.com/mental-health-support-included-in-urgent-care-services/54112/0 (2024-01-24; seen 2026-11-30 in a stored copy)", "https://wgoqatar.com/2020/04/hmc-launches-psychological-support-services-on-the-16000-helpline (2020-04: toll-free; longer hours then; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', 'Asia/Qatar', 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (69, 'BH', 68, 'Emergency services', 'emergency', '999', '999', NULL, NULL, '24/7', '["ar"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (70, 'KW', 69, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["ar"]', NULL, '', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)", "https://progress.guide/atlas/asia/kuwait (112 for every service; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (71, 'LK', 70, 'Emergency ambulance, 1990 Suwa Seriya', 'emergency', '1990', '1990', NULL, NULL, '24/7', '["si", "ta", "en"]', NULL, 'Free across the island. Police: 119.', '["https://www.themorning.lk/articles/D9hdYrHLGHDs7kGnzGEz (late 2025: free, islandwide; seen 2026-11-30 in a stored copy)", "http://island.lk/?p=121806 (operator, July 2023; seen 2026-11-30 in a stored copy)", "https://websitedesigns.com.au/elankanew/australian-medical-teams-support-the-pioneering-1990-suwa-seriya-by-lawrence-machado (toll-free, nearly 300 ambulances; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high (hours: an ambulance service; no source spells them out)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (72, 'LK', 71, '1926, National Institute of Mental Health', 'crisis_line', '1926', '1926', '1926', NULL, '24/7', '["si", "ta", "en"]', NULL, '', '["https://casite-619540.cloudaccess.net/business-news/technology/item/11866-no-one-left-behind-airtel-nimh-mental-health-helpline-expands-to-24-7-service (2022: calls, texts and WhatsApp 24/7, free; seen 2026-11-30 in a stored copy)", "https://www.srilankanewsnetwork.com/mental-health-emergency-support-available-via-1926-hotline (24/7; seen 2026-11-30 in a stored copy)", "https://athavannews.com/2026/1461833 (2026: the institute points to 1926; seen 2026-11-30 in a stored copy)", "http://www.sundaytimes.lk/201011/magazine/1926-those-who-suffer-in-silence-can-text-for-help-419206.html (2020: three languages, toll-free; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (74, 'MY', 73, 'Talian Kasih', 'domestic_abuse', '15999', '15999', NULL, NULL, '24/7', '["ms", "en"]', NULL, 'Abuse, neglect and distress; run by the ministry for women and families.', '["https://news.amierul.com/2025/11/10/how-talian-kasih-turns-distress-calls-into-action (2025-11-10: 24 hours, of the ministry; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium', NULL, NULL);
INSERT INTO public.crisis_line VALUES (75, 'MY', 74, 'HEAL 15555', 'crisis_line', '15555', '15555', NULL, NULL, 'Mo-Su 08:00-24:00', '["ms", "en"]', NULL, '', '["https://vietnamnews.vn/world/1763284/malaysia-sees-record-surge-in-mental-health-calls.html (2026-01-07: 8 to midnight, holidays too; seen 2026-11-30 in a stored copy)", "https://www.malaymail.com/news/malaysia/2024/06/25/health-ministry-says-working-with-telcos-to-provide-free-access-to-heal-line-15555/141421 (2024-06-25: ordinary charges then; seen 2026-11-30 in a stored copy)", "https://www.thestar.com.my/news/nation/2023/09/10/almost-25000-calls-made-to-039heal-line-15555039-mental-health-helpline-this-year (2023-09-10: same hours; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'may_cost', 1, '{}', 'Asia/Kuala_Lumpur', 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (76, 'MU', 75, 'SAMU ambulance', 'emergency', '114', '114', NULL, NULL, '24/7', '["fr", "en"]', NULL, 'Police: 999 or 112.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "http://topfm.mu/fetes-de-fin-dannee-le-samu-appelle-un-usage-responsable-du-114 (SAMU doctor: 114, interventions through 24 hours; seen 2026-11-30 in a stored copy)", "http://ionnews.mu/reveillon-sur-le-terrain-pour-pompiers-et-policiers-311216/ (999 or 112 are the police; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (77, 'NG', 76, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["en"]', NULL, '', '["https://technologytimes.ng/dial-122-how-nigerias-three-digit-emergency-number-works/ (regulator: free from every network; centres in a growing number of states; seen 2026-11-30 in a stored copy)", "https://www.sunnewsonline.com/covid-19-nccs-112-national-emergency-number-offers-succour-to-nigerians/ (2020-04-03; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high (not every state has a centre)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (78, 'GH', 77, 'Emergency services', 'emergency', '112', '112', NULL, NULL, '24/7', '["en"]', NULL, 'Ambulance: 193. Police: 191.', '["https://citinewsroom.com/2020/01/nana-addo-commissions-307-ambulances-photos/ (president, 2020-01-28: 112 for everything; seen 2026-11-30 in a stored copy)", "https://www.myjoyonline.com/80-of-calls-received-in-2021-were-prank-calls-ambulance-service (ambulance service: 112 toll-free; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (79, 'HN', 78, 'Emergency services', 'emergency', '911', '911', NULL, NULL, '24/7', '["es"]', NULL, '', '["https://www.elheraldo.hn/honduras/sistema-nacional-emergencias-afirma-mantiene-operativos-servicios-24-7-todo-pais-AH29487362 (2026-02-26: 24 hours, the whole country; seen 2026-11-30 in a stored copy)", "https://proceso.hn/sistema-911-afirma-que-mantiene-operatividad-y-que-sigue-verificando-contratos/ (2026-02-25; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (80, 'BR', 79, 'SAMU ambulance', 'emergency', '192', '192', NULL, NULL, '24/7', '["pt"]', NULL, 'Fire and rescue: 193. Police: 190. 112 reaches only the police, and only from a mobile phone.', '["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://editalconcursosbrasil.com.br/?p=490220 (911 and 112 go to the police at 190, only from mobile phones; seen 2026-11-30 in a stored copy)", "https://mdbf.com.br/blog/quais-os-numeros-de-emergencia (2025: 190, 192, 193; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'free', 1, '{}', NULL, 'high', NULL, NULL);
INSERT INTO public.crisis_line VALUES (81, 'NP', 80, 'National suicide prevention helpline', 'crisis_line', '1166', '1166', NULL, NULL, NULL, '["ne"]', NULL, '', '["http://www.tponepal.org/technical-assistance-for-setting-up-a-national-suicide-prevention-resource-center-and-operationalizing-a-national-helpline-for-suicide-response/ (with WHO, mental hospital Lagankhel; 24-hour service is the aim; seen 2026-11-30 in a stored copy)", "https://english.lokpath.com/2020/09/10/suicide-control-helpline-in-two-hospitals/ (2020: 8 to 20; seen 2026-11-30 in a stored copy)", "https://nepalesevoice.com/nepal/helpline-in-operation-to-prevent-suicide/ (2021: runs at the hospital; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'medium (hours contradict each other)', NULL, NULL);
INSERT INTO public.crisis_line VALUES (82, 'IT', 81, 'Telefono Amico Italia', 'crisis_line', '02 2327 2327', '0223272327', NULL, NULL, 'Mo-Su 09:00-24:00', '["it"]', 'telefonoamico.it', 'By WhatsApp: 324 011 7252.', '["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "https://www.quotidiano.net/magazine/sentirsi-soli-nei-giorni-di-4876c850 (2024-12; seen 2026-11-30 in a stored copy)", "https://www.tpi.it/news/solo-a-natale-telefono-amico-20211215850521/ (2021-12: 10 to 24 then; WhatsApp; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, 'may_cost', 1, '{}', 'Europe/Rome', 'high', '+393240117252', NULL);
INSERT INTO public.crisis_line VALUES (83, 'PK', 82, 'Umang', 'crisis_line', '0311 7786264', '03117786264', NULL, NULL, NULL, '["ur", "en"]', 'umang.com.pk', 'Day and night except on Eid, according to a report when it started.', '["https://hourstv.com/suicide-helpline-pakistan/ (24/7 except Eid; seen 2026-11-30 in a stored copy)", "https://progress.guide/?p=12807 (24/7; names another number for itself; seen 2026-11-30 in a stored copy)", "stored public source text 67272059043 (0317-4288665 and 0311-7786264; seen 2026-11-30 in a stored copy)"]', '2026-11-30', NULL, NULL, NULL, 1, '{}', NULL, 'low (several numbers in use)', NULL, NULL);


--
-- Data for Name: dispatch_round; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: floor_deed; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: hand_over; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: inbound_call; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: inbound_reply; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: invitation; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: job_failure; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: key_canary; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.key_canary VALUES ('fields', 'ee36f23a8e6822a5199869c8b72fef7da29c479c15103bc0dd60c14937c59d8b', '2026-11-23 05:30:00+00');
INSERT INTO public.key_canary VALUES ('phone_index', 'b76af7cb59572eef5caccddb03439ea76f6af8da6e2f3ddf3fa6e7a94b342c4b', '2026-11-23 05:30:00+00');
INSERT INTO public.key_canary VALUES ('links', '4335fa896af6893f6a7f6ba159f190f939043f2023e2df09e2b1ae45e6482c37', '2026-11-23 05:30:00+00');


--
-- Data for Name: note_draft; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: notice; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: number_on_line; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: number_rest; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: offer; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: passkey; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: password_link; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: preflight_report; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: presence; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_code; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: referral; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: refused_region; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: retention_policy; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: rewording; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: ring; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: role; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.role VALUES (1, 'advisor', 'Works the call queue');
INSERT INTO public.role VALUES (3, 'supervisor', 'Sees the floor and hands out the work');
INSERT INTO public.role VALUES (4, 'admin', 'Sets hours and keeps the directory');


--
-- Data for Name: rota_version; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: safety_save; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: safety_signature; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: service_policy; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: set_aside; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: set_aside_member; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: shift; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: shift_exception; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: sign_in_tries; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: slot; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: slot_language; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: special_day; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: staff; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.staff VALUES (1, 'asha@helpline.example', '$argon2id$v=19$m=64,t=1,p=1$EoKQ8v4fo9Qao3RuTemdMw$lP7NEHWuhXybo6DcdYx+ckSHoT1akHr0tEpw1mFSQLE', true, '89a31053f957f6aed2874eb264c8743bcde50a68e28bf085b61f250eb9b2ec4f', 'Asha', 'gAAAAABrA89Yq7wDpnuGjQL40VjiqaIniXMM22QyctAizO6SNMmpc4nx30tVdLteVvfE-DKPABhULLr5_O7Hd87R5f6cZNKCAQ==', '["hi", "en"]', 1, 0, NULL, NULL, 'c4d3482e36a1fb8966c68135c104d268da02c9d3aa47037e495dcc55a7589274');
INSERT INTO public.staff VALUES (2, 'ravi@helpline.example', '$argon2id$v=19$m=64,t=1,p=1$2VtLqbX2XqtVqpXSOmdsbQ$pifncTBQFfvjnAltF1PdSsBNqEzdOs0cD/3qGgWPQ1U', true, '112a41ee669baab6a51abaaaf8f3601269c26dea781577542346177133568539', 'Ravi', 'gAAAAABrA89Y5HlxV_gu1WwnCZk4JD5dTWMLFwttK7iOZr9Op4yaar24YFXj6iLSgXaHC42svZWpWcyCqWG9DUxTyCla_q6LqA==', '["en"]', 1, 0, NULL, NULL, '91722e5af6a8efaf039b4cd8f97c95ace3c2d4fa46cf9f7ab20bbc31e3ec3044');
INSERT INTO public.staff VALUES (3, 'vikram@helpline.example', '$argon2id$v=19$m=64,t=1,p=1$1bp3DgGAUKp17h3D+N+71w$W1ebnB98yzhfL9DW0apQuK5f/+15x41QYtRQm+XLBRQ', true, 'de6c1a201a460b2c6630bab2cf3c93473ca2d032a991ef84d1d36dd96ed1ea32', 'Vikram', NULL, '["hi", "en"]', 1, 0, NULL, NULL, NULL);
INSERT INTO public.staff VALUES (4, 'meera@helpline.example', '$argon2id$v=19$m=64,t=1,p=1$/j+n1Prf+x+jdK6VEsLYuw$Gfeh9CaJPI0QBCjA/xA+YFCQo9vrGnRRVKlnKbiAXSo', true, 'ebc75d127687f78b260c4eca87a2fcd4b13f638e494d76ab7268fc7271a7e999', 'Meera', NULL, '["en", "hi"]', 1, 0, NULL, NULL, NULL);


--
-- Data for Name: staff_role; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.staff_role VALUES (1, 1);
INSERT INTO public.staff_role VALUES (2, 1);
INSERT INTO public.staff_role VALUES (3, 3);
INSERT INTO public.staff_role VALUES (4, 4);


--
-- Data for Name: staff_session; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tally; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: text_hint; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: text_in; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: text_out; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: text_stop; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tombstone; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tombstone VALUES (1, '8a32d763f8ea402da4a4b3d803535494', '2026-11-23 05:30:00+00', 'ended', '22cb0a6b232722943a601c3fa1614f301514d1e384436e473799b5446e5d78ff', 'cancelled', NULL);


--
-- Data for Name: voice_message; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_delivery; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_endpoint; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: website_save; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: week_save; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.week_save VALUES (1, 1, 'Asia/Kolkata', '{"mon": [["10:00", "18:00"]], "tue": [["10:00", "18:00"]], "wed": [["10:00", "18:00"]], "thu": [["10:00", "18:00"]], "fri": [["10:00", "18:00"]], "sat": [["10:00", "18:00"]], "sun": [["10:00", "18:00"]]}', '2026-11-23 05:30:00+00', NULL, NULL, NULL, NULL);


--
-- Data for Name: worker_heartbeat; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: attempt_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.attempt_id_seq', 1, false);


--
-- Name: audit_check_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_check_id_seq', 1, false);


--
-- Name: audit_entry_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_entry_id_seq', 5, true);


--
-- Name: audit_head_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_head_id_seq', 1, false);


--
-- Name: call_event_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.call_event_id_seq', 1, false);


--
-- Name: call_pace_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.call_pace_id_seq', 1, false);


--
-- Name: callback_event_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.callback_event_id_seq', 6, true);


--
-- Name: callback_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.callback_id_seq', 4, true);


--
-- Name: care_place_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.care_place_id_seq', 1, false);


--
-- Name: carrier_failure_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.carrier_failure_id_seq', 1, false);


--
-- Name: closure_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.closure_id_seq', 1, false);


--
-- Name: crisis_line_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.crisis_line_id_seq', 83, true);


--
-- Name: floor_deed_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.floor_deed_id_seq', 1, false);


--
-- Name: hand_over_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.hand_over_id_seq', 1, false);


--
-- Name: inbound_call_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.inbound_call_id_seq', 1, false);


--
-- Name: inbound_reply_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.inbound_reply_id_seq', 1, false);


--
-- Name: invitation_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.invitation_id_seq', 1, false);


--
-- Name: note_draft_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.note_draft_id_seq', 1, false);


--
-- Name: notice_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.notice_id_seq', 1, false);


--
-- Name: number_on_line_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.number_on_line_id_seq', 1, false);


--
-- Name: number_rest_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.number_rest_id_seq', 1, false);


--
-- Name: offer_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.offer_id_seq', 1, false);


--
-- Name: outbox_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.outbox_id_seq', 1, false);


--
-- Name: passkey_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.passkey_id_seq', 1, false);


--
-- Name: preflight_report_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.preflight_report_id_seq', 1, false);


--
-- Name: recovery_code_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.recovery_code_id_seq', 1, false);


--
-- Name: referral_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.referral_id_seq', 1, false);


--
-- Name: retention_policy_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.retention_policy_id_seq', 1, false);


--
-- Name: rewording_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.rewording_id_seq', 1, false);


--
-- Name: ring_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.ring_id_seq', 1, false);


--
-- Name: role_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.role_id_seq', 4, true);


--
-- Name: safety_save_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.safety_save_id_seq', 1, false);


--
-- Name: safety_signature_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.safety_signature_id_seq', 1, false);


--
-- Name: service_policy_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.service_policy_id_seq', 1, false);


--
-- Name: set_aside_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.set_aside_id_seq', 1, false);


--
-- Name: shift_exception_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.shift_exception_id_seq', 1, false);


--
-- Name: shift_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.shift_id_seq', 1, false);


--
-- Name: staff_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.staff_id_seq', 4, true);


--
-- Name: staff_session_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.staff_session_id_seq', 1, false);


--
-- Name: text_out_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.text_out_id_seq', 1, false);


--
-- Name: tombstone_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tombstone_id_seq', 1, true);


--
-- Name: voice_message_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.voice_message_id_seq', 1, false);


--
-- Name: webhook_delivery_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.webhook_delivery_id_seq', 1, false);


--
-- Name: webhook_endpoint_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.webhook_endpoint_id_seq', 1, false);


--
-- Name: website_save_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.website_save_id_seq', 1, false);


--
-- Name: week_save_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.week_save_id_seq', 1, true);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: attempt pk_attempt; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT pk_attempt PRIMARY KEY (id);


--
-- Name: audit_check pk_audit_check; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_check
    ADD CONSTRAINT pk_audit_check PRIMARY KEY (id);


--
-- Name: audit_entry pk_audit_entry; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT pk_audit_entry PRIMARY KEY (id);


--
-- Name: audit_head pk_audit_head; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT pk_audit_head PRIMARY KEY (id);


--
-- Name: call_event pk_call_event; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_event
    ADD CONSTRAINT pk_call_event PRIMARY KEY (id);


--
-- Name: call_pace pk_call_pace; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_pace
    ADD CONSTRAINT pk_call_pace PRIMARY KEY (id);


--
-- Name: callback pk_callback; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT pk_callback PRIMARY KEY (id);


--
-- Name: callback_event pk_callback_event; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback_event
    ADD CONSTRAINT pk_callback_event PRIMARY KEY (id);


--
-- Name: caller_id pk_caller_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_id
    ADD CONSTRAINT pk_caller_id PRIMARY KEY (region);


--
-- Name: care_place pk_care_place; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.care_place
    ADD CONSTRAINT pk_care_place PRIMARY KEY (id);


--
-- Name: carrier_failure pk_carrier_failure; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_failure
    ADD CONSTRAINT pk_carrier_failure PRIMARY KEY (id);


--
-- Name: closure pk_closure; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.closure
    ADD CONSTRAINT pk_closure PRIMARY KEY (id);


--
-- Name: code_app pk_code_app; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_app
    ADD CONSTRAINT pk_code_app PRIMARY KEY (staff_id);


--
-- Name: counted_day pk_counted_day; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.counted_day
    ADD CONSTRAINT pk_counted_day PRIMARY KEY (day);


--
-- Name: crisis_line pk_crisis_line; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.crisis_line
    ADD CONSTRAINT pk_crisis_line PRIMARY KEY (id);


--
-- Name: dispatch_round pk_dispatch_round; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dispatch_round
    ADD CONSTRAINT pk_dispatch_round PRIMARY KEY (callback_id);


--
-- Name: floor_deed pk_floor_deed; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed
    ADD CONSTRAINT pk_floor_deed PRIMARY KEY (id);


--
-- Name: hand_over pk_hand_over; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT pk_hand_over PRIMARY KEY (id);


--
-- Name: inbound_call pk_inbound_call; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT pk_inbound_call PRIMARY KEY (id);


--
-- Name: inbound_reply pk_inbound_reply; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_reply
    ADD CONSTRAINT pk_inbound_reply PRIMARY KEY (id);


--
-- Name: invitation pk_invitation; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT pk_invitation PRIMARY KEY (id);


--
-- Name: job_failure pk_job_failure; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job_failure
    ADD CONSTRAINT pk_job_failure PRIMARY KEY (job, subject_id);


--
-- Name: key_canary pk_key_canary; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.key_canary
    ADD CONSTRAINT pk_key_canary PRIMARY KEY (key, fingerprint);


--
-- Name: note_draft pk_note_draft; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.note_draft
    ADD CONSTRAINT pk_note_draft PRIMARY KEY (id);


--
-- Name: notice pk_notice; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT pk_notice PRIMARY KEY (id);


--
-- Name: number_on_line pk_number_on_line; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_on_line
    ADD CONSTRAINT pk_number_on_line PRIMARY KEY (id);


--
-- Name: number_rest pk_number_rest; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_rest
    ADD CONSTRAINT pk_number_rest PRIMARY KEY (id);


--
-- Name: offer pk_offer; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer
    ADD CONSTRAINT pk_offer PRIMARY KEY (id);


--
-- Name: outbox pk_outbox; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT pk_outbox PRIMARY KEY (id);


--
-- Name: passkey pk_passkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT pk_passkey PRIMARY KEY (id);


--
-- Name: password_link pk_password_link; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_link
    ADD CONSTRAINT pk_password_link PRIMARY KEY (staff_id);


--
-- Name: preflight_report pk_preflight_report; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preflight_report
    ADD CONSTRAINT pk_preflight_report PRIMARY KEY (id);


--
-- Name: presence pk_presence; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.presence
    ADD CONSTRAINT pk_presence PRIMARY KEY (staff_id);


--
-- Name: recovery_code pk_recovery_code; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT pk_recovery_code PRIMARY KEY (id);


--
-- Name: referral pk_referral; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral
    ADD CONSTRAINT pk_referral PRIMARY KEY (id);


--
-- Name: refused_region pk_refused_region; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refused_region
    ADD CONSTRAINT pk_refused_region PRIMARY KEY (region);


--
-- Name: retention_policy pk_retention_policy; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retention_policy
    ADD CONSTRAINT pk_retention_policy PRIMARY KEY (id);


--
-- Name: rewording pk_rewording; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rewording
    ADD CONSTRAINT pk_rewording PRIMARY KEY (id);


--
-- Name: ring pk_ring; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ring
    ADD CONSTRAINT pk_ring PRIMARY KEY (id);


--
-- Name: role pk_role; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT pk_role PRIMARY KEY (id);


--
-- Name: rota_version pk_rota_version; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rota_version
    ADD CONSTRAINT pk_rota_version PRIMARY KEY (staff_id);


--
-- Name: safety_save pk_safety_save; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_save
    ADD CONSTRAINT pk_safety_save PRIMARY KEY (id);


--
-- Name: safety_signature pk_safety_signature; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_signature
    ADD CONSTRAINT pk_safety_signature PRIMARY KEY (id);


--
-- Name: service_policy pk_service_policy; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_policy
    ADD CONSTRAINT pk_service_policy PRIMARY KEY (id);


--
-- Name: set_aside pk_set_aside; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT pk_set_aside PRIMARY KEY (id);


--
-- Name: set_aside_member pk_set_aside_member; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside_member
    ADD CONSTRAINT pk_set_aside_member PRIMARY KEY (callback_id);


--
-- Name: shift pk_shift; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift
    ADD CONSTRAINT pk_shift PRIMARY KEY (id);


--
-- Name: shift_exception pk_shift_exception; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift_exception
    ADD CONSTRAINT pk_shift_exception PRIMARY KEY (id);


--
-- Name: sign_in_tries pk_sign_in_tries; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sign_in_tries
    ADD CONSTRAINT pk_sign_in_tries PRIMARY KEY (key);


--
-- Name: slot pk_slot; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slot
    ADD CONSTRAINT pk_slot PRIMARY KEY (starts_at);


--
-- Name: slot_language pk_slot_language; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slot_language
    ADD CONSTRAINT pk_slot_language PRIMARY KEY (starts_at, language);


--
-- Name: special_day pk_special_day; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.special_day
    ADD CONSTRAINT pk_special_day PRIMARY KEY (day);


--
-- Name: staff pk_staff; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT pk_staff PRIMARY KEY (id);


--
-- Name: staff_role pk_staff_role; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_role
    ADD CONSTRAINT pk_staff_role PRIMARY KEY (staff_id, role_id);


--
-- Name: staff_session pk_staff_session; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_session
    ADD CONSTRAINT pk_staff_session PRIMARY KEY (id);


--
-- Name: tally pk_tally; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tally
    ADD CONSTRAINT pk_tally PRIMARY KEY (measure, day, part);


--
-- Name: text_hint pk_text_hint; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_hint
    ADD CONSTRAINT pk_text_hint PRIMARY KEY (phone_hash);


--
-- Name: text_in pk_text_in; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_in
    ADD CONSTRAINT pk_text_in PRIMARY KEY (carrier_id);


--
-- Name: text_out pk_text_out; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT pk_text_out PRIMARY KEY (id);


--
-- Name: text_stop pk_text_stop; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_stop
    ADD CONSTRAINT pk_text_stop PRIMARY KEY (phone_hash);


--
-- Name: tombstone pk_tombstone; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tombstone
    ADD CONSTRAINT pk_tombstone PRIMARY KEY (id);


--
-- Name: voice_message pk_voice_message; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.voice_message
    ADD CONSTRAINT pk_voice_message PRIMARY KEY (id);


--
-- Name: webhook_delivery pk_webhook_delivery; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT pk_webhook_delivery PRIMARY KEY (id);


--
-- Name: webhook_endpoint pk_webhook_endpoint; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_endpoint
    ADD CONSTRAINT pk_webhook_endpoint PRIMARY KEY (id);


--
-- Name: website_save pk_website_save; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.website_save
    ADD CONSTRAINT pk_website_save PRIMARY KEY (id);


--
-- Name: week_save pk_week_save; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.week_save
    ADD CONSTRAINT pk_week_save PRIMARY KEY (id);


--
-- Name: worker_heartbeat pk_worker_heartbeat; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.worker_heartbeat
    ADD CONSTRAINT pk_worker_heartbeat PRIMARY KEY (worker);


--
-- Name: attempt uq_attempt_advisor_call; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT uq_attempt_advisor_call UNIQUE (advisor_call);


--
-- Name: attempt uq_attempt_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT uq_attempt_ref UNIQUE (ref);


--
-- Name: call_event uq_call_event_attempt_id_call_kind_sequence_status; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_event
    ADD CONSTRAINT uq_call_event_attempt_id_call_kind_sequence_status UNIQUE (attempt_id, call, kind, sequence, status);


--
-- Name: callback uq_callback_again_of; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT uq_callback_again_of UNIQUE (again_of);


--
-- Name: callback uq_callback_follow_up_of; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT uq_callback_follow_up_of UNIQUE (follow_up_of);


--
-- Name: callback uq_callback_token_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT uq_callback_token_hash UNIQUE (token_hash);


--
-- Name: carrier_failure uq_carrier_failure_ref_leg_code; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_failure
    ADD CONSTRAINT uq_carrier_failure_ref_leg_code UNIQUE (ref, leg, code);


--
-- Name: inbound_call uq_inbound_call_advisor_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT uq_inbound_call_advisor_id UNIQUE (advisor_id);


--
-- Name: inbound_call uq_inbound_call_attempt_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT uq_inbound_call_attempt_id UNIQUE (attempt_id);


--
-- Name: inbound_call uq_inbound_call_sid; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT uq_inbound_call_sid UNIQUE (sid);


--
-- Name: inbound_reply uq_inbound_reply_call_id_turn; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_reply
    ADD CONSTRAINT uq_inbound_reply_call_id_turn UNIQUE (call_id, turn);


--
-- Name: invitation uq_invitation_token_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash);


--
-- Name: note_draft uq_note_draft_callback_id_advisor_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.note_draft
    ADD CONSTRAINT uq_note_draft_callback_id_advisor_id UNIQUE (callback_id, advisor_id);


--
-- Name: number_on_line uq_number_on_line_call; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_on_line
    ADD CONSTRAINT uq_number_on_line_call UNIQUE (call);


--
-- Name: offer uq_offer_call; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer
    ADD CONSTRAINT uq_offer_call UNIQUE (call);


--
-- Name: offer uq_offer_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer
    ADD CONSTRAINT uq_offer_ref UNIQUE (ref);


--
-- Name: outbox uq_outbox_kind_subject_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT uq_outbox_kind_subject_id UNIQUE (kind, subject_id);


--
-- Name: passkey uq_passkey_credential_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id);


--
-- Name: password_link uq_password_link_token_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_link
    ADD CONSTRAINT uq_password_link_token_hash UNIQUE (token_hash);


--
-- Name: recovery_code uq_recovery_code_code_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT uq_recovery_code_code_hash UNIQUE (code_hash);


--
-- Name: referral uq_referral_callback_id_place_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral
    ADD CONSTRAINT uq_referral_callback_id_place_id UNIQUE (callback_id, place_id);


--
-- Name: rewording uq_rewording_language_word_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rewording
    ADD CONSTRAINT uq_rewording_language_word_id UNIQUE (language, word_id);


--
-- Name: role uq_role_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT uq_role_name UNIQUE (name);


--
-- Name: safety_save uq_safety_save_version; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_save
    ADD CONSTRAINT uq_safety_save_version UNIQUE (version);


--
-- Name: safety_signature uq_safety_signature_words; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_signature
    ADD CONSTRAINT uq_safety_signature_words UNIQUE (fact, digest);


--
-- Name: staff uq_staff_email; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT uq_staff_email UNIQUE (email);


--
-- Name: staff uq_staff_fs_uniquifier; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT uq_staff_fs_uniquifier UNIQUE (fs_uniquifier);


--
-- Name: staff_session uq_staff_session_key_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_session
    ADD CONSTRAINT uq_staff_session_key_hash UNIQUE (key_hash);


--
-- Name: text_out uq_text_out_callback_id_kind_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT uq_text_out_callback_id_kind_once UNIQUE (callback_id, kind, once);


--
-- Name: text_out uq_text_out_carrier_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT uq_text_out_carrier_id UNIQUE (carrier_id);


--
-- Name: text_out uq_text_out_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT uq_text_out_ref UNIQUE (ref);


--
-- Name: tombstone uq_tombstone_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tombstone
    ADD CONSTRAINT uq_tombstone_ref UNIQUE (ref);


--
-- Name: voice_message uq_voice_message_recording; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.voice_message
    ADD CONSTRAINT uq_voice_message_recording UNIQUE (recording);


--
-- Name: webhook_delivery uq_webhook_delivery_message_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT uq_webhook_delivery_message_id UNIQUE (message_id);


--
-- Name: website_save uq_website_save_version; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.website_save
    ADD CONSTRAINT uq_website_save_version UNIQUE (version);


--
-- Name: week_save uq_week_save_version; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.week_save
    ADD CONSTRAINT uq_week_save_version UNIQUE (version);


--
-- Name: ix_attempt_advisor_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_advisor_id ON public.attempt USING btree (advisor_id);


--
-- Name: ix_attempt_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_callback_id ON public.attempt USING btree (callback_id);


--
-- Name: ix_attempt_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_created_at ON public.attempt USING btree (created_at);


--
-- Name: ix_attempt_ended_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_ended_at ON public.attempt USING btree (ended_at);


--
-- Name: ix_attempt_silent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_silent ON public.attempt USING btree (heard_at) WHERE (ended_at IS NULL);


--
-- Name: ix_attempt_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_unfinished ON public.attempt USING btree (advisor_id, unfinished_at) WHERE (unfinished_at IS NOT NULL);


--
-- Name: ix_audit_entry_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_entry_at ON public.audit_entry USING btree (at);


--
-- Name: ix_audit_entry_deed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_entry_deed ON public.audit_entry USING btree (deed);


--
-- Name: ix_audit_entry_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_entry_subject ON public.audit_entry USING btree (subject);


--
-- Name: ix_audit_entry_unsealed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_entry_unsealed ON public.audit_entry USING btree (id) WHERE (seq IS NULL);


--
-- Name: ix_call_event_attempt_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_call_event_attempt_id ON public.call_event USING btree (attempt_id);


--
-- Name: ix_callback_call_until; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_call_until ON public.callback USING btree (call_until) WHERE (((status)::text = 'waiting'::text) AND (call_until IS NOT NULL));


--
-- Name: ix_callback_ended_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_ended_at ON public.callback USING btree (ended_at);


--
-- Name: ix_callback_event_actor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_event_actor ON public.callback_event USING btree (actor, at);


--
-- Name: ix_callback_event_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_event_callback_id ON public.callback_event USING btree (callback_id);


--
-- Name: ix_callback_held; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_held ON public.callback USING btree (held_at) WHERE (held_at IS NOT NULL);


--
-- Name: ix_callback_kept; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_kept ON public.callback USING btree (ended_at) WHERE ((erased_at IS NULL) AND (ended_at IS NOT NULL));


--
-- Name: ix_callback_network; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_network ON public.callback USING btree (network_hash, booked_at) WHERE (((status)::text = ANY ((ARRAY['waiting'::character varying, 'claimed'::character varying, 'calling'::character varying])::text[])) AND (slot_at IS NOT NULL));


--
-- Name: ix_callback_network_48; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_network_48 ON public.callback USING btree (network_48_hash, booked_at) WHERE (((status)::text = ANY ((ARRAY['waiting'::character varying, 'claimed'::character varying, 'calling'::character varying])::text[])) AND (slot_at IS NOT NULL));


--
-- Name: ix_callback_network_56; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_network_56 ON public.callback USING btree (network_56_hash, booked_at) WHERE (((status)::text = ANY ((ARRAY['waiting'::character varying, 'claimed'::character varying, 'calling'::character varying])::text[])) AND (slot_at IS NOT NULL));


--
-- Name: ix_callback_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_phone_hash ON public.callback USING btree (phone_hash);


--
-- Name: ix_callback_queue; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_queue ON public.callback USING btree (priority, due_at, id) WHERE ((status)::text = 'waiting'::text);


--
-- Name: ix_callback_requested_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_requested_at ON public.callback USING btree (requested_at, id);


--
-- Name: ix_callback_wanted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_callback_wanted ON public.callback USING btree (wanted_advisor) WHERE (((status)::text = 'waiting'::text) AND (wanted_advisor IS NOT NULL));


--
-- Name: ix_care_place_region; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_care_place_region ON public.care_place USING btree (region);


--
-- Name: ix_carrier_failure_code; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_carrier_failure_code ON public.carrier_failure USING btree (code, at);


--
-- Name: ix_closure_ends_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_closure_ends_at ON public.closure USING btree (ends_at);


--
-- Name: ix_crisis_line_region; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_crisis_line_region ON public.crisis_line USING btree (region);


--
-- Name: ix_floor_deed_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_floor_deed_at ON public.floor_deed USING btree (at);


--
-- Name: ix_floor_deed_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_floor_deed_callback_id ON public.floor_deed USING btree (callback_id);


--
-- Name: ix_hand_over_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_hand_over_callback_id ON public.hand_over USING btree (callback_id);


--
-- Name: ix_inbound_call_began_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_inbound_call_began_at ON public.inbound_call USING btree (began_at);


--
-- Name: ix_inbound_call_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_inbound_call_callback_id ON public.inbound_call USING btree (callback_id);


--
-- Name: ix_inbound_call_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_inbound_call_phone_hash ON public.inbound_call USING btree (phone_hash);


--
-- Name: ix_inbound_call_silent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_inbound_call_silent ON public.inbound_call USING btree (heard_at) WHERE (ended_at IS NULL);


--
-- Name: ix_note_draft_advisor_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_note_draft_advisor_id ON public.note_draft USING btree (advisor_id);


--
-- Name: ix_number_on_line_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_number_on_line_phone_hash ON public.number_on_line USING btree (phone_hash, until);


--
-- Name: ix_number_on_line_until; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_number_on_line_until ON public.number_on_line USING btree (until);


--
-- Name: ix_number_rest_in_force; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_number_rest_in_force ON public.number_rest USING btree (phone_hash, until) WHERE (lifted_at IS NULL);


--
-- Name: ix_number_rest_until; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_number_rest_until ON public.number_rest USING btree (until);


--
-- Name: ix_offer_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_offer_callback_id ON public.offer USING btree (callback_id);


--
-- Name: ix_outbox_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_outbox_pending ON public.outbox USING btree (not_before) WHERE ((state)::text = 'pending'::text);


--
-- Name: ix_passkey_staff_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_passkey_staff_id ON public.passkey USING btree (staff_id);


--
-- Name: ix_recovery_code_staff_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_recovery_code_staff_id ON public.recovery_code USING btree (staff_id);


--
-- Name: ix_referral_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_referral_at ON public.referral USING btree (at);


--
-- Name: ix_ring_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_ring_at ON public.ring USING btree (at);


--
-- Name: ix_ring_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_ring_phone_hash ON public.ring USING btree (phone_hash, at);


--
-- Name: ix_set_aside_member_set_aside_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_set_aside_member_set_aside_id ON public.set_aside_member USING btree (set_aside_id);


--
-- Name: ix_shift_exception_staff_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_shift_exception_staff_day ON public.shift_exception USING btree (staff_id, day);


--
-- Name: ix_shift_staff_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_shift_staff_id ON public.shift USING btree (staff_id);


--
-- Name: ix_sign_in_tries_last_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sign_in_tries_last_at ON public.sign_in_tries USING btree (last_at);


--
-- Name: ix_staff_session_staff_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_staff_session_staff_id ON public.staff_session USING btree (staff_id);


--
-- Name: ix_tally_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tally_day ON public.tally USING btree (day);


--
-- Name: ix_text_in_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_in_phone_hash ON public.text_in USING btree (phone_hash);


--
-- Name: ix_text_in_unread; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_in_unread ON public.text_in USING btree (received_at) WHERE (words IS NOT NULL);


--
-- Name: ix_text_out_asked; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_out_asked ON public.text_out USING btree (looked_at) WHERE ((status)::text = 'asked'::text);


--
-- Name: ix_text_out_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_out_phone_hash ON public.text_out USING btree (phone_hash, created_at);


--
-- Name: ix_text_out_sent_by; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_out_sent_by ON public.text_out USING btree (sent_by, created_at) WHERE (sent_by IS NOT NULL);


--
-- Name: ix_text_out_under_way; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_text_out_under_way ON public.text_out USING btree (heard_at) WHERE ((status)::text = ANY ((ARRAY['accepted'::character varying, 'sent'::character varying])::text[]));


--
-- Name: ix_tombstone_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tombstone_at ON public.tombstone USING btree (at);


--
-- Name: ix_voice_message_call_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_voice_message_call_id ON public.voice_message USING btree (call_id);


--
-- Name: ix_voice_message_callback_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_voice_message_callback_id ON public.voice_message USING btree (callback_id);


--
-- Name: uq_attempt_live_advisor; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_attempt_live_advisor ON public.attempt USING btree (advisor_id) WHERE (ended_at IS NULL);


--
-- Name: uq_attempt_live_callback; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_attempt_live_callback ON public.attempt USING btree (callback_id) WHERE (ended_at IS NULL);


--
-- Name: uq_audit_entry_seq; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_audit_entry_seq ON public.audit_entry USING btree (seq);


--
-- Name: uq_audit_entry_uid; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_audit_entry_uid ON public.audit_entry USING btree (uid);


--
-- Name: uq_callback_in_hand; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_callback_in_hand ON public.callback USING btree (claimed_by) WHERE ((status)::text = ANY ((ARRAY['claimed'::character varying, 'calling'::character varying])::text[]));


--
-- Name: uq_callback_open_number; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_callback_open_number ON public.callback USING btree (phone_hash) WHERE ((status)::text = ANY ((ARRAY['waiting'::character varying, 'claimed'::character varying, 'calling'::character varying])::text[]));


--
-- Name: uq_notice_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_notice_open ON public.notice USING btree (kind, subject) WHERE (dismissed_at IS NULL);


--
-- Name: uq_offer_live_advisor; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_offer_live_advisor ON public.offer USING btree (advisor_id) WHERE (ended_at IS NULL);


--
-- Name: uq_shift_exception_off; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_shift_exception_off ON public.shift_exception USING btree (staff_id, day) WHERE ((kind)::text = 'off'::text);


--
-- Name: uq_staff_phone_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_staff_phone_hash ON public.staff USING btree (phone_hash);


--
-- Name: audit_entry audit_entry_kept; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_entry_kept BEFORE DELETE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.audit_entry_refuse();


--
-- Name: audit_entry audit_entry_not_emptied; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entry_refuse();


--
-- Name: audit_entry audit_entry_unchanged; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON public.audit_entry FOR EACH ROW WHEN (((old.seq IS NOT NULL) OR (new.seq IS NULL) OR (new.id IS DISTINCT FROM old.id) OR (new.at IS DISTINCT FROM old.at) OR ((new.actor)::text IS DISTINCT FROM (old.actor)::text) OR ((new.deed)::text IS DISTINCT FROM (old.deed)::text) OR ((new.subject)::text IS DISTINCT FROM (old.subject)::text) OR ((new.detail)::text IS DISTINCT FROM (old.detail)::text) OR ((new.uid)::text IS DISTINCT FROM (old.uid)::text) OR ((new.mac)::text IS DISTINCT FROM (old.mac)::text))) EXECUTE FUNCTION public.audit_entry_refuse();


--
-- Name: attempt fk_attempt_advisor_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT fk_attempt_advisor_id_staff FOREIGN KEY (advisor_id) REFERENCES public.staff(id);


--
-- Name: attempt fk_attempt_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT fk_attempt_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: call_event fk_call_event_attempt_id_attempt; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_event
    ADD CONSTRAINT fk_call_event_attempt_id_attempt FOREIGN KEY (attempt_id) REFERENCES public.attempt(id);


--
-- Name: callback fk_callback_again_of_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT fk_callback_again_of_callback FOREIGN KEY (again_of) REFERENCES public.callback(id);


--
-- Name: callback fk_callback_claimed_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT fk_callback_claimed_by_staff FOREIGN KEY (claimed_by) REFERENCES public.staff(id);


--
-- Name: callback_event fk_callback_event_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback_event
    ADD CONSTRAINT fk_callback_event_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: callback fk_callback_follow_up_of_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT fk_callback_follow_up_of_callback FOREIGN KEY (follow_up_of) REFERENCES public.callback(id);


--
-- Name: callback fk_callback_wanted_advisor_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback
    ADD CONSTRAINT fk_callback_wanted_advisor_staff FOREIGN KEY (wanted_advisor) REFERENCES public.staff(id);


--
-- Name: carrier_failure fk_carrier_failure_advisor_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_failure
    ADD CONSTRAINT fk_carrier_failure_advisor_id_staff FOREIGN KEY (advisor_id) REFERENCES public.staff(id);


--
-- Name: carrier_failure fk_carrier_failure_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_failure
    ADD CONSTRAINT fk_carrier_failure_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: code_app fk_code_app_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_app
    ADD CONSTRAINT fk_code_app_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: dispatch_round fk_dispatch_round_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dispatch_round
    ADD CONSTRAINT fk_dispatch_round_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: floor_deed fk_floor_deed_by_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed
    ADD CONSTRAINT fk_floor_deed_by_staff_staff FOREIGN KEY (by_staff) REFERENCES public.staff(id);


--
-- Name: floor_deed fk_floor_deed_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed
    ADD CONSTRAINT fk_floor_deed_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: floor_deed fk_floor_deed_from_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed
    ADD CONSTRAINT fk_floor_deed_from_staff_staff FOREIGN KEY (from_staff) REFERENCES public.staff(id);


--
-- Name: floor_deed fk_floor_deed_to_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.floor_deed
    ADD CONSTRAINT fk_floor_deed_to_staff_staff FOREIGN KEY (to_staff) REFERENCES public.staff(id);


--
-- Name: hand_over fk_hand_over_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT fk_hand_over_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: hand_over fk_hand_over_from_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT fk_hand_over_from_staff_staff FOREIGN KEY (from_staff) REFERENCES public.staff(id);


--
-- Name: hand_over fk_hand_over_to_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT fk_hand_over_to_staff_staff FOREIGN KEY (to_staff) REFERENCES public.staff(id);


--
-- Name: inbound_call fk_inbound_call_advisor_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT fk_inbound_call_advisor_id_staff FOREIGN KEY (advisor_id) REFERENCES public.staff(id);


--
-- Name: inbound_call fk_inbound_call_attempt_id_attempt; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT fk_inbound_call_attempt_id_attempt FOREIGN KEY (attempt_id) REFERENCES public.attempt(id);


--
-- Name: inbound_call fk_inbound_call_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT fk_inbound_call_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: inbound_call fk_inbound_call_talked_with_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_call
    ADD CONSTRAINT fk_inbound_call_talked_with_staff FOREIGN KEY (talked_with) REFERENCES public.staff(id);


--
-- Name: inbound_reply fk_inbound_reply_call_id_inbound_call; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbound_reply
    ADD CONSTRAINT fk_inbound_reply_call_id_inbound_call FOREIGN KEY (call_id) REFERENCES public.inbound_call(id);


--
-- Name: invitation fk_invitation_created_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_created_by_staff FOREIGN KEY (created_by) REFERENCES public.staff(id);


--
-- Name: invitation fk_invitation_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: note_draft fk_note_draft_advisor_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.note_draft
    ADD CONSTRAINT fk_note_draft_advisor_id_staff FOREIGN KEY (advisor_id) REFERENCES public.staff(id);


--
-- Name: note_draft fk_note_draft_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.note_draft
    ADD CONSTRAINT fk_note_draft_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: notice fk_notice_dismissed_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT fk_notice_dismissed_by_staff FOREIGN KEY (dismissed_by) REFERENCES public.staff(id);


--
-- Name: number_rest fk_number_rest_by_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_rest
    ADD CONSTRAINT fk_number_rest_by_staff_staff FOREIGN KEY (by_staff) REFERENCES public.staff(id);


--
-- Name: number_rest fk_number_rest_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_rest
    ADD CONSTRAINT fk_number_rest_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: number_rest fk_number_rest_lifted_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_rest
    ADD CONSTRAINT fk_number_rest_lifted_by_staff FOREIGN KEY (lifted_by) REFERENCES public.staff(id);


--
-- Name: offer fk_offer_advisor_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer
    ADD CONSTRAINT fk_offer_advisor_id_staff FOREIGN KEY (advisor_id) REFERENCES public.staff(id);


--
-- Name: offer fk_offer_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offer
    ADD CONSTRAINT fk_offer_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: passkey fk_passkey_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT fk_passkey_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: password_link fk_password_link_created_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_link
    ADD CONSTRAINT fk_password_link_created_by_staff FOREIGN KEY (created_by) REFERENCES public.staff(id);


--
-- Name: password_link fk_password_link_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_link
    ADD CONSTRAINT fk_password_link_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: presence fk_presence_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.presence
    ADD CONSTRAINT fk_presence_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: recovery_code fk_recovery_code_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT fk_recovery_code_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: referral fk_referral_by_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral
    ADD CONSTRAINT fk_referral_by_staff_staff FOREIGN KEY (by_staff) REFERENCES public.staff(id);


--
-- Name: referral fk_referral_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral
    ADD CONSTRAINT fk_referral_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: referral fk_referral_place_id_care_place; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral
    ADD CONSTRAINT fk_referral_place_id_care_place FOREIGN KEY (place_id) REFERENCES public.care_place(id);


--
-- Name: rewording fk_rewording_saved_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rewording
    ADD CONSTRAINT fk_rewording_saved_by_staff FOREIGN KEY (saved_by) REFERENCES public.staff(id);


--
-- Name: ring fk_ring_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ring
    ADD CONSTRAINT fk_ring_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: rota_version fk_rota_version_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rota_version
    ADD CONSTRAINT fk_rota_version_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: safety_signature fk_safety_signature_signed_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.safety_signature
    ADD CONSTRAINT fk_safety_signature_signed_by_staff FOREIGN KEY (signed_by) REFERENCES public.staff(id);


--
-- Name: set_aside fk_set_aside_by_staff_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT fk_set_aside_by_staff_staff FOREIGN KEY (by_staff) REFERENCES public.staff(id);


--
-- Name: set_aside fk_set_aside_example_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT fk_set_aside_example_id_callback FOREIGN KEY (example_id) REFERENCES public.callback(id);


--
-- Name: set_aside_member fk_set_aside_member_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside_member
    ADD CONSTRAINT fk_set_aside_member_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: set_aside_member fk_set_aside_member_set_aside_id_set_aside; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside_member
    ADD CONSTRAINT fk_set_aside_member_set_aside_id_set_aside FOREIGN KEY (set_aside_id) REFERENCES public.set_aside(id);


--
-- Name: shift_exception fk_shift_exception_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift_exception
    ADD CONSTRAINT fk_shift_exception_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: shift fk_shift_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shift
    ADD CONSTRAINT fk_shift_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: staff_role fk_staff_role_role_id_role; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_role
    ADD CONSTRAINT fk_staff_role_role_id_role FOREIGN KEY (role_id) REFERENCES public.role(id);


--
-- Name: staff_role fk_staff_role_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_role
    ADD CONSTRAINT fk_staff_role_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: staff_session fk_staff_session_staff_id_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staff_session
    ADD CONSTRAINT fk_staff_session_staff_id_staff FOREIGN KEY (staff_id) REFERENCES public.staff(id);


--
-- Name: text_out fk_text_out_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT fk_text_out_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: text_out fk_text_out_sent_by_staff; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.text_out
    ADD CONSTRAINT fk_text_out_sent_by_staff FOREIGN KEY (sent_by) REFERENCES public.staff(id);


--
-- Name: voice_message fk_voice_message_call_id_inbound_call; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.voice_message
    ADD CONSTRAINT fk_voice_message_call_id_inbound_call FOREIGN KEY (call_id) REFERENCES public.inbound_call(id);


--
-- Name: voice_message fk_voice_message_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.voice_message
    ADD CONSTRAINT fk_voice_message_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: webhook_delivery fk_webhook_delivery_callback_id_callback; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT fk_webhook_delivery_callback_id_callback FOREIGN KEY (callback_id) REFERENCES public.callback(id);


--
-- Name: webhook_delivery fk_webhook_delivery_endpoint_id_webhook_endpoint; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT fk_webhook_delivery_endpoint_id_webhook_endpoint FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(id);


--
-- PostgreSQL database dump complete
--


