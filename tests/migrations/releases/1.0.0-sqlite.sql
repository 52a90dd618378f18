BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0062');
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	ref VARCHAR(32) NOT NULL, 
	callback_id INTEGER NOT NULL, 
	advisor_id INTEGER NOT NULL, 
	channel VARCHAR(20) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	result VARCHAR(20), 
	problem VARCHAR(60), 
	created_at DATETIME NOT NULL, 
	placing_at DATETIME, 
	heard_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	advisor_call VARCHAR(34), 
	visitor_call VARCHAR(34), 
	dial_allowed BOOLEAN, 
	end_asked_at DATETIME, 
	counted BOOLEAN NOT NULL, 
	disposition VARCHAR(20), 
	notes TEXT, screening VARCHAR(10), look_at DATETIME, unfinished_at DATETIME, 
	CONSTRAINT pk_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_attempt_advisor_id_staff FOREIGN KEY(advisor_id) REFERENCES staff (id), 
	CONSTRAINT fk_attempt_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT uq_attempt_advisor_call UNIQUE (advisor_call), 
	CONSTRAINT uq_attempt_ref UNIQUE (ref)
);
CREATE TABLE audit_check (
	id INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	checked_at DATETIME, 
	findings INTEGER NOT NULL, 
	CONSTRAINT pk_audit_check PRIMARY KEY (id), 
	CONSTRAINT ck_audit_check_single CHECK (id = 1)
);
CREATE TABLE audit_entry (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(40) NOT NULL, 
	deed VARCHAR(60) NOT NULL, 
	subject VARCHAR(60) NOT NULL, 
	detail JSON NOT NULL, seq INTEGER, prev_hash VARCHAR(64), hash VARCHAR(64), uid VARCHAR(32), mac VARCHAR(64), 
	CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);
INSERT INTO "audit_entry" VALUES(1,'2026-11-23 05:30:00.000000','operator','staff_added','staff:1','{"roles": ["advisor"]}',NULL,NULL,NULL,'57683ad3fa256b415ae9b3eb43364f04','2a56002ace4ed3ef8eb0be412db2e1232f3d3069f40b687933ed89313ea1f9e8');
INSERT INTO "audit_entry" VALUES(2,'2026-11-23 05:30:00.000000','operator','staff_added','staff:2','{"roles": ["advisor"]}',NULL,NULL,NULL,'49b1251d623c06aee848d247097c783f','eab70ef7cb32d92df220c06bbc2d1e59e254af7ed2843b5b88b0452db823a956');
INSERT INTO "audit_entry" VALUES(3,'2026-11-23 05:30:00.000000','operator','staff_added','staff:3','{"roles": ["supervisor"]}',NULL,NULL,NULL,'6d001f67aed0b2a375fd05c71a509b08','a8e37d340238538506d067dcaaf929dc9d5d3a98adae373844c1319e2297ee51');
INSERT INTO "audit_entry" VALUES(4,'2026-11-23 05:30:00.000000','operator','staff_added','staff:4','{"roles": ["admin"]}',NULL,NULL,NULL,'0b62a5f7d9b1fd17586c4a30463b8a67','52bb2fd18f4a748a1e07db38d36448527a3726d9a6ef285bfa5e3265332b54c5');
INSERT INTO "audit_entry" VALUES(5,'2026-11-23 05:30:00.000000','staff:1','callback_claimed','callback:1','{}',NULL,NULL,NULL,'6a98c53549b0ed958028e7bf0b9061a5','74684126a14bf63ce7abeea88d64a390da5ed1f6c359a8eaf4cec0bf17603979');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, mac VARCHAR(64), 
	CONSTRAINT pk_audit_head PRIMARY KEY (id), 
	CONSTRAINT ck_audit_head_single CHECK (id = 1)
);
CREATE TABLE call_event (
	id INTEGER NOT NULL, 
	attempt_id INTEGER NOT NULL, 
	call VARCHAR(34) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	leg VARCHAR(10) NOT NULL, 
	sequence INTEGER NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	error_code INTEGER, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_call_event PRIMARY KEY (id), 
	CONSTRAINT fk_call_event_attempt_id_attempt FOREIGN KEY(attempt_id) REFERENCES attempt (id), 
	CONSTRAINT uq_call_event_attempt_id_call_kind_sequence_status UNIQUE (attempt_id, call, kind, sequence, status)
);
CREATE TABLE call_pace (
	id INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	refusals INTEGER NOT NULL, 
	CONSTRAINT pk_call_pace PRIMARY KEY (id), 
	CONSTRAINT ck_call_pace_single CHECK (id = 1)
);
CREATE TABLE "callback" (
	id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	priority INTEGER NOT NULL, 
	requested_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	slot_at DATETIME, 
	name TEXT, 
	phone TEXT, 
	phone_hash VARCHAR(64), 
	phone_region VARCHAR(2) NOT NULL, 
	note TEXT, 
	language VARCHAR(12) NOT NULL, 
	may_leave_voicemail BOOLEAN NOT NULL, 
	may_say_who BOOLEAN NOT NULL, 
	may_text BOOLEAN NOT NULL, 
	claimed_by INTEGER, 
	claimed_at DATETIME, 
	claim_ends_at DATETIME, 
	attempts_used INTEGER NOT NULL, 
	disposition VARCHAR(20), 
	ended_at DATETIME, 
	wanted_advisor INTEGER, 
	wanted_until DATETIME, 
	follow_up_of INTEGER, 
	emergency_at DATETIME, 
	channel VARCHAR(20) DEFAULT 'web' NOT NULL, 
	source_page VARCHAR(300), 
	source_title TEXT, 
	request_hash VARCHAR(64), 
	erased_at DATETIME, 
	may_ring_back BOOLEAN DEFAULT 0 NOT NULL, 
	phone_as_typed TEXT, 
	answers TEXT, 
	again_of INTEGER, reads VARCHAR(12), held_at DATETIME, network_hash VARCHAR(64), network_56_hash VARCHAR(64), network_48_hash VARCHAR(64), booked_at DATETIME, if_missed VARCHAR(10), call_until DATETIME, phone_extension TEXT, 
	CONSTRAINT pk_callback PRIMARY KEY (id), 
	CONSTRAINT uq_callback_follow_up_of UNIQUE (follow_up_of), 
	CONSTRAINT fk_callback_follow_up_of_callback FOREIGN KEY(follow_up_of) REFERENCES callback (id), 
	CONSTRAINT fk_callback_claimed_by_staff FOREIGN KEY(claimed_by) REFERENCES staff (id), 
	CONSTRAINT ck_callback_has_number CHECK (erased_at IS NOT NULL OR (phone IS NOT NULL AND phone_hash IS NOT NULL)), 
	CONSTRAINT uq_callback_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_callback_wanted_advisor_staff FOREIGN KEY(wanted_advisor) REFERENCES staff (id), 
	CONSTRAINT ck_callback_erased CHECK (erased_at IS NULL OR (ended_at IS NOT NULL AND name IS NULL AND phone IS NULL AND phone_hash IS NULL AND note IS NULL)), 
	CONSTRAINT fk_callback_again_of_callback FOREIGN KEY(again_of) REFERENCES callback (id), 
	CONSTRAINT uq_callback_again_of UNIQUE (again_of)
);
INSERT INTO "callback" VALUES(1,'990f7739aee6b1358e7176c9ee33a4a78d44b367456f941a5ab7bfcc677622f5','claimed',5,'2026-11-23 05:30:00.000000','2026-11-23 05:30:00.000000',NULL,'gAAAAABrA89YaCrfJFsr1q6Ty55HYGHVYssBp41OEGqX4a7ILTSLjsinxQxbauuFwuuwHih4RoqkI_bWcl1sd3ElduHK8nRncw==','gAAAAABrA89Y0a96REcX9Ibavs7AqUH86hAJPDgSZxWhP3zu-Q0W1kmbxA9tgDc-Lz3ZebscnUn5_5OOm9AM7VnzWJwgB8KYDQ==','1eb3eae80f0080dcbec1413584b9501a2c602164a94fc8648f6f4bd4424bd168','IN','gAAAAABrA89Yo-5Cq558fHqKTqff1uOAeCZ-ezcfO1WDJ0XDsnd9Qs8MvFX1zpldrr1lkmv-2SaCyilNscMqVpTTzKwIk2sqNYKbqA82fqU5y5MhjBV8DLo=','hi',0,0,0,1,'2026-11-23 05:30:00.000000','2026-11-23 05:35:00.000000',0,NULL,NULL,NULL,NULL,NULL,NULL,'web',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback" VALUES(2,'ed1dcccf9838e59da0dd6e2bd674879f2dd7e026e874bbd906a1d56195c9e572','waiting',5,'2026-11-23 05:30:00.000000','2026-11-23 05:30:00.000000',NULL,'gAAAAABrA89Y1FuRttMpznGlUqwatqIAN_7Zrf7pHso1mZIGkmEhaSATP5sgu8BgmLSL8vUnW_HSCj8I2WYyO2e6XOKk7EuRXQ==','gAAAAABrA89YTi6F8jYffB1mTLy8j0pZKWxT_ewRDc6JhqNGIqEcpp7H9gaKYqRGNYBoOyHsr4CCa4zFMt55Ke3SqxcbzUtwzw==','895e338dca3a389e58b2618db2a295423622c921c5e67b8443585ba755efb806','IN',NULL,'en',0,0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'web',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback" VALUES(3,'9ab7ed4ad0785c0991f95dbcef5e4f4bf247c38baf0bc0fb6c07d0c3df3963cd','waiting',5,'2026-11-23 05:30:00.000000','2026-11-23 05:30:00.000000',NULL,'gAAAAABrA89YKnQ1TpyMax7ZCDLNf5rzuhMqKXE3ankWTeCihuKu3cLT-CIMhH4OCEKQ1apJET-4jqXLngOjBAdEcc6vmD4JdQ==','gAAAAABrA89YOtSV2CravVw3U51JRCQhDlKT0_-HdFDHDImqv-mf3KzUy1pUSYLfMnRZJvHf5s3USsm8sJek5G0E4J58YkknzQ==','3ea4113f24dff551f1ff46203b86216a627a5fcb663ac3603484e0685dca1217','IN','gAAAAABrA89YQizSrOiADQjz1lfhmufV9zXHt6twOs5xAB2fu_fZmpf3IIlGKMEjOZUifIHk2QPvgDO_xVJ6H-l35-7B5XJeBbWU9M5k4oY-amqGmmQsgXY=','en',0,0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'web',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback" VALUES(4,'743a656c4f7ad8ddface5e3124736369249a33510a6ce090acac6593c8f9c731','cancelled',5,'2026-11-23 05:30:00.000000','2026-11-23 05:30:00.000000',NULL,'gAAAAABrA89Y4fdDBvT-Tl-LPsjsbrpibm06CYVM2q0jizqaNAr8MBtcVcbDIa8dCktTndYIZl1FBPFneabsOqwa401BUMvHDQ==','gAAAAABrA89YJCHhIpsoxyqMcTZoHS7ynWGS_Clq_WNRvANIYmtcz_D4ga71WPj8cbBvd469XrB42Ek_ygtkigxr_vIZFLCCaQ==','2ee44bdcad3b5d2ec3792b010700809291289bc22f094157b12a2bad16cc09db','IN',NULL,'en',0,0,0,NULL,NULL,NULL,0,NULL,'2026-11-23 05:30:00.000000',NULL,NULL,NULL,NULL,'web',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE callback_event (
	id INTEGER NOT NULL, 
	callback_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	event VARCHAR(30) NOT NULL, 
	from_status VARCHAR(20), 
	to_status VARCHAR(20) NOT NULL, 
	actor VARCHAR(40) NOT NULL, due_at DATETIME, 
	CONSTRAINT pk_callback_event PRIMARY KEY (id), 
	CONSTRAINT fk_callback_event_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id)
);
INSERT INTO "callback_event" VALUES(1,1,'2026-11-23 05:30:00.000000','ask',NULL,'waiting','visitor','2026-11-23 05:30:00.000000');
INSERT INTO "callback_event" VALUES(2,1,'2026-11-23 05:30:00.000000','claim','waiting','claimed','staff:1','2026-11-23 05:30:00.000000');
INSERT INTO "callback_event" VALUES(3,2,'2026-11-23 05:30:00.000000','ask',NULL,'waiting','visitor','2026-11-23 05:30:00.000000');
INSERT INTO "callback_event" VALUES(4,3,'2026-11-23 05:30:00.000000','ask',NULL,'waiting','visitor','2026-11-23 05:30:00.000000');
INSERT INTO "callback_event" VALUES(5,4,'2026-11-23 05:30:00.000000','ask',NULL,'waiting','visitor','2026-11-23 05:30:00.000000');
INSERT INTO "callback_event" VALUES(6,4,'2026-11-23 05:30:00.000000','cancel','waiting','cancelled','visitor','2026-11-23 05:30:00.000000');
CREATE TABLE caller_id (
	region VARCHAR(2) NOT NULL, 
	number VARCHAR(20) NOT NULL, 
	CONSTRAINT pk_caller_id PRIMARY KEY (region)
);
CREATE TABLE care_place (
	id INTEGER NOT NULL, 
	region VARCHAR(2) NOT NULL, 
	position INTEGER NOT NULL, 
	area VARCHAR(80), 
	name VARCHAR(120) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	phone VARCHAR(40), 
	tel VARCHAR(40), 
	hours VARCHAR(120), 
	languages JSON NOT NULL, 
	cost VARCHAR(120), 
	website VARCHAR(200), 
	notes TEXT NOT NULL, 
	notes_by_language JSON, 
	sources JSON NOT NULL, 
	found_on DATE, 
	last_checked DATETIME, 
	retired_at DATETIME, 
	version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_care_place PRIMARY KEY (id)
);
CREATE TABLE "carrier_failure" (
	id INTEGER NOT NULL, 
	ref VARCHAR(32) NOT NULL, 
	leg VARCHAR(10) NOT NULL, 
	code INTEGER NOT NULL, 
	region VARCHAR(2), 
	callback_id INTEGER, 
	advisor_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_carrier_failure PRIMARY KEY (id), 
	CONSTRAINT uq_carrier_failure_ref_leg_code UNIQUE (ref, leg, code), 
	CONSTRAINT fk_carrier_failure_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_carrier_failure_advisor_id_staff FOREIGN KEY(advisor_id) REFERENCES staff (id)
);
CREATE TABLE closure (
	id INTEGER NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_closure PRIMARY KEY (id), 
	CONSTRAINT ck_closure_order CHECK (starts_at < ends_at)
);
CREATE TABLE code_app (
	staff_id INTEGER NOT NULL, 
	secret TEXT NOT NULL, 
	last_counter BIGINT NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_code_app PRIMARY KEY (staff_id), 
	CONSTRAINT fk_code_app_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE counted_day (
	day DATE NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	counting INTEGER NOT NULL, 
	taken_at DATETIME NOT NULL, 
	counted_at DATETIME, 
	settled BOOLEAN NOT NULL, 
	CONSTRAINT pk_counted_day PRIMARY KEY (day)
);
CREATE TABLE crisis_line (
	id INTEGER NOT NULL, 
	region VARCHAR(2) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	phone VARCHAR(40), 
	tel VARCHAR(40), 
	sms_number VARCHAR(40), 
	sms_keyword VARCHAR(40), 
	hours VARCHAR(120), 
	languages JSON NOT NULL, 
	website VARCHAR(200), 
	notes TEXT NOT NULL, 
	sources JSON NOT NULL, 
	found_on DATE, 
	last_checked DATETIME, 
	retired_at DATETIME, cost VARCHAR(20), version INTEGER DEFAULT '1' NOT NULL, notes_by_language JSON, time_zone VARCHAR(64), confidence VARCHAR(200), whatsapp VARCHAR(40), chat VARCHAR(200), 
	CONSTRAINT pk_crisis_line PRIMARY KEY (id)
);
INSERT INTO "crisis_line" VALUES(1,'IN',0,'Emergency Response Support System','emergency','112','112',NULL,NULL,'24/7','["hi", "en"]','112.gov.in','Police, fire and ambulance.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)", "https://www.deccanherald.com/national/women-and-child-development-ministry-is-merging-two-women-helplines-1088576.html (112 reaches police, fire, health and women''s help; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(2,'IN',1,'Tele-MANAS','crisis_line','14416','14416',NULL,NULL,'24/7','["hi", "en"]','telemanas.mohfw.gov.in','National mental health phone line, in about 20 languages by state. If 14416 does not connect: 1-800-891-4416.','["https://theshillongtimes.com/2025/02/07/tele-manas-mental-health-helpline-handles-over-18-1-lakh-calls-centre/ (minister in Lok Sabha, 2025-02-07: toll-free, 24x7, 20 languages; seen 2026-11-30 in a stored copy)", "https://menafn.com/1109390520/Over-Rs-230-Cr-Allocated-For-National-Tele-Mental-Health-Programme-Since-2022-Centre (minister in Lok Sabha, 2025-04-04: 24x7, toll-free; seen 2026-11-30 in a stored copy)", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)", "https://crackittoday.com/current-affairs/tele-manas/ (second number 1-800-891-4416; seen 2026-11-30 in a stored copy)", "Find a Helpline, India page, copied 2025-05-03 (a public repository, FindaHelpline_Suicide.md; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(3,'IN',2,'National de-addiction helpline','substance_use','14446','14446',NULL,NULL,NULL,'["hi", "en"]','nmba.dosje.gov.in','First counselling and referral for alcohol and drug use.','["https://menafn.com/1109867538/Nasha-Mukt-Bharat-Abhiyaan-Over-165-Cr-Indians-Sensitised-Against-Drug-Abuse-Says-Govt (minister in Rajya Sabha, 2025-07-31: toll-free, counselling and referral, 4.3 lakh calls; seen 2026-11-30 in a stored copy)", "https://cbcindia.gov.in/wp-content/themes/boc/mann_ki_baat/e_july24/files/basic-html/page46.html (government booklet, July 2024: national toll-free helpline; seen 2026-11-30 in a stored copy)", "https://hindi.thequint.com/news/india/number-of-rise-in-alcoholism-by-107-percent-in-2017 (2018: the line before it, 1800-11-0031, open day and night since 2017-03-01; says nothing of 14446; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium (number high, hours unknown)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(4,'IN',3,'MANAS narcotics helpline','law_enforcement','1933','1933',NULL,NULL,'24/7','["hi", "en"]','ncbmanas.gov.in','Run by the Narcotics Control Bureau, a law enforcement agency. Mostly for reports of trafficking; people who ask for treatment are referred to 14446. No name is needed.','["https://www.hindustantimes.com/cities/delhi-news/manas-proves-effective-delhi-registers-16-drug-related-cases-this-year-101754589375758.html (2025-08-08: 24x7, toll-free, anonymous; 7,100 of 70,000 calls about de-addiction; seen 2026-11-30 in a stored copy)", "https://healthandfamily.in/manas-national-narcotics-helpline-empowers-citizens-in-fight-against-drug-menace (press information 2025-08-06: two languages, refers to the ministry''s helpline; seen 2026-11-30 in a stored copy)", "https://medicarepharmabusiness.com/?p=30839 (July 2024: 24x7, site ncbmanas.gov.in; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,'2026-11-23 05:30:00.000000','free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(5,'IN',4,'Women helpline','domestic_abuse','181','181',NULL,NULL,'24/7','["hi", "en"]',NULL,'For women who face violence; links to police, hospitals and One Stop Centres. Not run in West Bengal when last reported (December 2024): call 112 there.','["https://www.thehawk.in/news/india/over-8164-lakh-women-supported-via-181-women-helpline-since-2015-govt-report (minister in Rajya Sabha, 2024-12-11: 24x7x365, 35 states and territories, not West Bengal; seen 2026-11-30 in a stored copy)", "https://www.devdiscourse.com/article/headlines/3190404-women-helpline-impacts-8164-lakh-women-says-ministry (2024-12-11; seen 2026-11-30 in a stored copy)", "https://arunachaltimes.in/index.php/2023/08/29/wcd-dept-launches-women-helpline-181/ (state government, 2023-08-29: toll-free, 24/7; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(6,'IN',5,'National Commission for Women helpline','domestic_abuse','14490','14490',NULL,NULL,'24/7','["hi", "en"]',NULL,'For women and girls above 18: violence or harassment, complaints and counselling. Also 7827170170.','["https://munsifdaily.com/?p=266564 (launch, 2025-11-24: 24x7, toll-free, linked to 7827170170; seen 2026-11-30 in a stored copy)", "https://www.nationpress.com/national/ncw-launches-247-helpline-for-women (2025-11-24; seen 2026-11-30 in a stored copy)", "https://theindiapost.com/?p=5447 (access widened; women and girls above 18; seen 2026-11-30 in a stored copy)", "https://pragativadi.com/smriti-irani-launches-24-7-helpline-for-women-affected-by-violence/ (2021-07-27: 7827170170, 24/7; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(7,'IN',6,'Child helpline','child','1098','1098',NULL,NULL,'24/7','["hi", "en"]',NULL,'For anyone under 18, or an adult on their behalf. Run by the states; emergencies are passed on to 112.','["https://orissadiary.com/integration-of-child-helpline-with-erss-112-completed-in-9-states/ (ministry, 2023-07-26: toll-free, 24x7; state by state joined to 112; seen 2026-11-30 in a stored copy)", "https://the-journalist.com/raipur-integration-with-police-to-make-child-helpline-effective (Chhattisgarh, 2024-05-28: 24-hour emergency service; seen 2026-11-30 in a stored copy)", "https://enewsx.com/article/enhanced-emergency-response-madhya-pradesh-links-helplines.121856 (state government, 15 March 2026: 181, 1098 and 112 day and night, no charge; seen 2026-11-30 in a stored copy)", "https://www.lokmattimes.com/technology/over-29-lakh-phone-calls-handled-by-tele-manas-cells-savitri-thakur-2/ (minister in Lok Sabha, 2025-12-13; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(8,'IN',7,'Vandrevala Foundation','crisis_line','9999 666 555','9999666555',NULL,NULL,'24/7','["hi", "en"]','vandrevalafoundation.com','Emotional support by phone or WhatsApp. This is an ordinary mobile number, so the call may cost money. From abroad: +91 9999 666 555.','["Find a Helpline, India page, copied 2025-05-03 (a public repository, FindaHelpline_Suicide.md; seen 2026-11-30 in a stored copy)", "stored public source text 56669457928 (author says checked 2026-07-12: call or WhatsApp, 24/7; seen 2026-11-30 in a stored copy)", "https://bitbucket.org/yourdost/bugtracker/issues/279/number-of-vandrevala-foundation-helpline (the foundation''s officer: 1860 2662 345 was replaced by +91 9999 666 555; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium','+919999666555',NULL);
INSERT INTO "crisis_line" VALUES(9,'US',8,'Emergency services','emergency','911','911',NULL,NULL,'24/7','["en"]','911.gov','','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(10,'US',9,'988 Suicide & Crisis Lifeline','crisis_line','988','988','988',NULL,'24/7','["en", "es"]','988lifeline.org','Call, text or chat; press 1 for veterans, 2 for Spanish. By videophone in American Sign Language.','["https://www.pubt.io/view/5100EBF7F88F5A9084F93DDA3702BC1BAC216FC5 (US health department, 2026-01-13: calls, texts, chats, ASL videophone; 8 million contacts in 2025; seen 2026-11-30 in a stored copy)", "https://kffhealthnews.org/news/article/988-suicide-crisis-lifeline-hotline-lgbtq-press-3-option-ended-states-backfill/ (2025-08-19: option 3 ended on 2025-07-17; seen 2026-11-30 in a stored copy)", "https://cyptea.com/?p=8567 (2025: options 1 and 2 remain; seen 2026-11-30 in a stored copy)", "https://www.samhsa.gov/newsroom/press-announcements/20230713/988-suicide-crisis-lifeline-adds-spanish-text-chat-service-ahead-one-year-anniversary (2023-07-13: Spanish text and chat; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,'988lifeline.org/chat');
INSERT INTO "crisis_line" VALUES(11,'US',10,'SAMHSA National Helpline','substance_use','1-800-662-4357','+18006624357',NULL,NULL,'24/7','["en", "es"]','samhsa.gov','Referral to treatment and information, not counselling; TTY 1-800-487-4889. By text: send your ZIP code to 435748 (English only).','["https://www.samhsa.gov/find-help/national-helpline", "https://app.altruwe.org/proxy?url=https%3A%2F%2Fwww.samhsa.gov%2F%2Ffind-help%2Fnational-helpline (copy of SAMHSA''s own page, undated: free, 24/7, not counselling, ZIP code to 435748; seen 2026-11-30 in a stored copy)", "https://thewrightinitiative.com/misc/need-help-with-mental-health.html (copy of SAMHSA''s own page, undated: text only in English; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high (text line medium: copies are undated)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(12,'US',11,'Crisis Text Line','text_line',NULL,NULL,'741741','HOME','24/7','["en", "es"]','crisistextline.org','','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "https://www.alexproject.org/crisis-text-line-text-home-to-741741 (free, 24/7, anyone in the US; seen 2026-11-30 in a stored copy)", "http://www.sfisd.net/apps/pages/index.jsp?uREC_ID=1473130&type=d&pREC_ID=1625729 (free on the four large carriers of that time; others may charge; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(13,'US',12,'National Domestic Violence Hotline','domestic_abuse','1-800-799-7233','+18007997233','88788','START','24/7','["en", "es"]','thehotline.org','TTY 1-800-787-3224. Chat on the website.','["https://ovc.ojp.gov/news/grantee-news/national-domestic-violence-hotline-answers-6-million-contacts (Department of Justice, 2022-01-20: every day and night, by phone, text and chat; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(14,'GB',13,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["en"]',NULL,'112 works too.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(15,'GB',14,'Samaritans','crisis_line','116 123','116123',NULL,NULL,'24/7','["en"]','samaritans.org','Free from any phone in the UK, even without credit.','["https://www.samaritans.org/how-we-can-help/contact-samaritan/ (own page: free from landlines and mobiles, no credit needed; seen 2026-11-30 in a stored copy)", "https://fullfact.org/online/samaritans-text-message-service/ (2022-12-08: free, any time; there is no Samaritans text line any more; seen 2026-11-30 in a stored copy)", "https://www.kickstherapy.com/blog/mental-health-crisis-resources-uk (2026-01-18; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(16,'GB',15,'NHS 111, mental health option','crisis_line','111','111',NULL,NULL,'24/7','["en"]','111.nhs.uk','Choose the mental health option (2). Not in Northern Ireland: call Lifeline there, 0808 808 8000.','["https://www.tewv.nhs.uk/?p=26449 (NHS trust, 2025-11-17: 111, mental health option; seen 2026-11-30 in a stored copy)", "https://www.pendeensurgery.nhs.uk/health-information/urgent-mental-health-support-and-mental-health-and-wellness (NHS practice: option 2, 24 hours; seen 2026-11-30 in a stored copy)", "https://www.oundlesurgery.nhs.uk/news/accessing-mental-health-services-via-111 (NHS practice, 2023-05-03: the spoken menu may name the option instead of a digit; seen 2026-11-30 in a stored copy)", "https://review.clateway.com/wiki/view_html.php?lang=en&q=NHS_111&sq=Google (copy of Wikipedia: England, Scotland, Wales; not Northern Ireland; seen 2026-11-30 in a stored copy)", "stored public source text 70496641158 (in Northern Ireland Lifeline instead; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(17,'GB',16,'Lifeline (Northern Ireland)','crisis_line','0808 808 8000','08088088000',NULL,NULL,'24/7','["en"]','lifelinehelpline.info','Northern Ireland only.','["stored public source text 5977578462 (24/7, 365 days, lifelinehelpline.info; seen 2026-11-30 in a stored copy)", "stored public source text 59872360096 (free, 24/7 across Northern Ireland; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (free, 24/7; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(18,'GB',17,'Shout','text_line',NULL,NULL,'85258','SHOUT','24/7','["en"]','giveusashout.org','','["https://fullfact.org/online/samaritans-text-message-service/ (2022-12-08: free, 24/7; seen 2026-11-30 in a stored copy)", "https://www.kickstherapy.com/blog/mental-health-crisis-resources-uk (2026-01-18; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(19,'GB',18,'FRANK','substance_use','0300 123 6600','03001236600',NULL,NULL,'24/7','["en"]','talktofrank.com','Advice about drugs, for people who use them and those around them.','["https://en.wikipedia.org/wiki/FRANK_(drugs) (telephone 24 hours a day; live chat 14-18 only; seen 2026-11-30 in a stored copy)", "stored public source text 12936860116 (24 hours a day, 7 days a week; seen 2026-11-30 in a stored copy)", "stored public source text 67386181198 (24/7; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'may_cost',1,'{}',NULL,'medium (pages are undated)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(20,'GB',19,'National Domestic Abuse Helpline','domestic_abuse','0808 2000 247','08082000247',NULL,NULL,'24/7','["en"]',NULL,'Run by Refuge, for women in England.','["stored public source text 70713113494 (free, 24-hour, run by Refuge; seen 2026-11-30 in a stored copy)", "stored public source text 57474959269 (free, 24h; seen 2026-11-30 in a stored copy)", "stored public source text 6707550649 (24/7; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(21,'CA',20,'Emergency services','emergency','911','911',NULL,NULL,'24/7','["en", "fr"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(22,'CA',21,'9-8-8 Suicide Crisis Helpline','crisis_line','9-8-8','988','988',NULL,'24/7','["en", "fr"]','988.ca','','["https://988.ca/get-help/what-to-expect", "https://www.newswire.ca/news-releases/government-of-canada-announces-kids-help-phone-as-9-8-8-network-partner-898887020.html (government, 2023-11-17; seen 2026-11-30 in a stored copy)", "https://www.maplenow.ca/site/988-suicide-crisis-helpline (calls and texts, no cost; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(23,'CA',22,'Kids Help Phone','child','1-800-668-6868','+18006686868','686868','CONNECT','24/7','["en", "fr"]','kidshelpphone.ca','For young people. In French, text TEXTO.','["https://www.newswire.ca/news-releases/government-of-canada-announces-kids-help-phone-as-9-8-8-network-partner-898887020.html (government, 2023-11-17: 24/7, free, English and French; seen 2026-11-30 in a stored copy)", "https://www.cbc.ca/news/health/mental-health-crisis-text-kids-help-phone-1.4894118 (2018: 686868; other words then; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high (the word to text medium)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(24,'AU',23,'Emergency services','emergency','000','000',NULL,NULL,'24/7','["en"]',NULL,'From a mobile phone 112 works too; from a text phone 106.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(25,'AU',24,'Lifeline','crisis_line','13 11 14','131114','+61477131114',NULL,'24/7','["en"]','lifeline.org.au','Chat on the website too.','["https://lifeinmind.org.au/news/lifelines-crisis-text-service-now-available-24-7 (2022-02: call, text and chat 24/7; seen 2026-11-30 in a stored copy)", "https://www.9news.com.au/national/lifeline-launches-247-text-service-as-record-numbers-of-australians-seek-support/51f2cf15-e2ba-40be-830f-a7d80a49f740 (2022: text, phone and chat 24/7; seen 2026-11-30 in a stored copy)", "https://newshub.medianet.com.au/2024/09/lifeline-urges-australians-to-get-to-know-all-the-ways-to-reach-out-for-support/66068 (Lifeline, September 2024; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,'lifeline.org.au');
INSERT INTO "crisis_line" VALUES(26,'AU',25,'Beyond Blue','crisis_line','1300 22 4636','1300224636',NULL,NULL,'24/7','["en"]','beyondblue.org.au','','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "stored public source text 41768181189 (list updated 2025-02-14: 24/7; seen 2026-11-30 in a stored copy)", "stored public source text 71595630304 (24/7; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(27,'AU',26,'National Alcohol and Other Drug Hotline','substance_use','1800 250 015','1800250015',NULL,NULL,'24/7','["en"]','health.gov.au','','["stored public source text 8689436 (24/7, free and confidential, points to health.gov.au; seen 2026-11-30 in a stored copy)", "stored public source text 37501128118 (24/7; seen 2026-11-30 in a stored copy)", "stored public source text 67304379215 (24/7 counselling; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(28,'AU',27,'Kids Helpline','child','1800 55 1800','1800551800',NULL,NULL,'24/7','["en"]',NULL,'Ages 5 to 25.','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)", "stored public source text 41768181189 (list updated 2025-02-14; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(29,'AU',28,'13YARN','crisis_line','13 92 76','139276',NULL,NULL,NULL,'["en"]','13yarn.org.au','For Aboriginal and Torres Strait Islander people.','["stored public source text 55005873087 (13yarn.org.au; seen 2026-11-30 in a stored copy)", "stored public source text 62646544767 (crisis support; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium (24/7 in one source only)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(30,'AU',29,'1800RESPECT','domestic_abuse','1800 737 732','1800737732',NULL,NULL,'24/7','["en"]','1800respect.org.au','Domestic, family and sexual violence.','["https://live.thepoint.com.au/category/the-point-live-nationals-push-for-coalition-to-delay-mining-friendly-envvironment-laws-while-the-fallout-from-hansont-islamaphobic-burqa-stunt-continues (AAP, 2025: free, open 24 hours; seen 2026-11-30 in a stored copy)", "https://dailytv.net/video/x8xofq4 (the number; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(31,'NZ',30,'Emergency services','emergency','111','111',NULL,NULL,'24/7','["en"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(32,'NZ',31,'Need to talk? 1737','crisis_line','1737','1737','1737',NULL,'24/7','["en"]','1737.org.nz','','["http://www.scoop.co.nz/stories/PA1706/S00527/single-phone-number-to-access-support-services.htm (minister, 2017-06-29: free to call or text, 24/7; seen 2026-11-30 in a stored copy)", "https://www.pegasus.health.nz/?p=6300 (free, 24 hours; interpreters for many languages; seen 2026-11-30 in a stored copy)", "https://nzfamilies.org.nz/?p=1578 (2025-12-22; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(33,'NZ',32,'Alcohol Drug Helpline','substance_use','0800 787 797','0800787797','8681',NULL,'24/7','["en"]','alcoholdrughelp.org.nz','','["stored public source text 58760701779 (call or text 8681, 24/7; seen 2026-11-30 in a stored copy)", "stored public source text 58887324073 (24/7, trained counsellors; seen 2026-11-30 in a stored copy)", "stored public source text 71410157079 (or text 8681; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(34,'SG',33,'Emergency ambulance','emergency','995','995',NULL,NULL,'24/7','["en"]',NULL,'Police: 999.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(35,'SG',34,'Samaritans of Singapore','crisis_line','1767','1767',NULL,NULL,'24/7','["en"]','sos.org.sg','By WhatsApp: +65 9151 1767.','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)", "https://honeykidsasia.com/world-suicide-prevention-day-get-help-singapore-samaritans/"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high','+6591511767',NULL);
INSERT INTO "crisis_line" VALUES(36,'SG',35,'National Mindline','crisis_line','1771','1771',NULL,NULL,'24/7','["en", "zh", "ms", "ta"]','mindline.sg','By WhatsApp: +65 6669 1771.','["https://www.moh.gov.sg/newsroom/national-mindline-1771-to-provide--round-the-clock-support-for-mental-health (health ministry, 2025-06-18; seen 2026-11-30 in a stored copy)", "https://www.straitstimes.com/singapore/national-mental-health-call-and-textline-launched (2025-06-18: 24/7, four languages; seen 2026-11-30 in a stored copy)", "https://about.sg/singapore-launches-national-mental-health-support/ (free; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high','+6566691771','mindline.sg/fsmh');
INSERT INTO "crisis_line" VALUES(37,'SG',36,'National Anti-Violence Helpline','domestic_abuse','1800 777 0000','18007770000',NULL,NULL,'24/7','["en", "zh", "ms", "ta"]',NULL,'','["https://cnalifestyle.channelnewsasia.com/singapore/msf-launches-24-hour-domestic-violence-helpline-victims-public-seek-help-308966 (2021-02: of the ministry, 24 hours; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(38,'ZA',37,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["en"]',NULL,'From mobile phones. From a landline: ambulance 10177, police 10111.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (10111 or 10177; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(39,'ZA',38,'SADAG Suicide Crisis Helpline','crisis_line','0800 567 567','0800567567',NULL,NULL,'24/7','["en"]','sadag.org','','["https://www.sadag.org/index.php?option=com_content&view=article&id=2947:psychiatric-admissions-the-steps&catid=74&Itemid=412 (operator''s own list of 24-hour toll-free lines, 2024 calendar; seen 2026-11-30 in a stored copy)", "https://news.backabuddy.co.za/2025/11/04/mens-mental-health-month (2025-11-04: 24-hour helplines, every day; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(40,'ZA',39,'Substance Abuse Helpline','substance_use','0800 12 13 14','0800121314','32312',NULL,'24/7','["en"]','sadag.org','','["https://www.sadag.org/index.php?option=com_content&view=article&id=462:health-system-a-let-down&catid=74&Itemid=412 (operator''s own list: 24-hour, toll-free, SMS 32312; seen 2026-11-30 in a stored copy)", "https://algoafm.co.za/algoa-cares/sadag (2021: named for the hours from 20 to 8; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(41,'ZA',40,'Gender-based violence command centre','domestic_abuse','0800 428 428','0800428428',NULL,NULL,'24/7','["en"]',NULL,'','["https://www.capetalk.co.za/articles/383281/gbv-call-centre-received-over-120-000-calls-in-the-first-three-weeks-of-lockdown (2020-05-11: toll free, day and night, refers to the police; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(42,'IE',41,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["en"]',NULL,'999 works too.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(43,'IE',42,'Samaritans','crisis_line','116 123','116123',NULL,NULL,'24/7','["en"]','samaritans.org','','["https://www.irishexaminer.com/breakingnews/ireland/samaritans-answer-29m-calls-since-2014-charity-to-play-crucial-role-in-new-mental-help-phone-service-914684.html (2019: freephone; seen 2026-11-30 in a stored copy)", "https://www.irishtimes.com/news/samaritans-freephone-helpline-will-save-lives-says-lynch-1.526624 (24 hours, all year; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(44,'IE',43,'Pieta','crisis_line','1800 247 247','1800247247',NULL,NULL,'24/7','["en"]','pieta.ie','','["https://wicklownow.ie/news/wicklow-people-feeling-low-over-christmas-period-urged-to-contact-helpline/ (24/7; seen 2026-11-30 in a stored copy)", "https://avondhupress.ie/having-someone-to-talk-to-in-the-middle-of-the-night-actually-keeps-you-alive/ (free, 24-hour; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium (sources from 2019 to 2021)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(45,'IE',44,'HSE Drugs and Alcohol Helpline','substance_use','1800 459 459','1800459459',NULL,NULL,'Mo-Fr 09:30-17:30','["en"]','hse.ie','','["stored public source text 70348005452 (points to hse.ie, Mon to Fri 9:30 to 17:30; seen 2026-11-30 in a stored copy)", "stored public source text 48237256670 (same hours; seen 2026-11-30 in a stored copy)", "stored public source text 55696917543 (same hours; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}','Europe/Dublin','high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(46,'IE',45,'Women''s Aid','domestic_abuse','1800 341 900','1800341900',NULL,NULL,'24/7','["en"]','womensaid.ie','For women.','["https://www.womensaid.ie/about/newsevents/news/2016/09/05/media-release-41-calls-a-day-to-womens-aid-in-2016/ (the organisation, 2016-09-05: free, open day and night; seen 2026-11-30 in a stored copy)", "https://www.thejournal.ie/womens-aid-helpline-2-2964358-Sep2016/ (2016-09-05: free, open day and night; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(47,'DE',46,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["de"]',NULL,'Fire and ambulance. Police: 110.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(48,'DE',47,'TelefonSeelsorge','crisis_line','0800 111 0 111','08001110111',NULL,NULL,'24/7','["de"]','telefonseelsorge.de','Also 116 123. Chat on the website.','["https://www.domradio.de/artikel/telefonseelsorge-jetzt-unter-oekumenischem-dachverband (day and night, free; seen 2026-11-30 in a stored copy)", "https://www.jesus.de/nachrichten-themen/nachrichten-gesellschaft/chatgpt-als-seelsorger/ (2025-10-01: day and night; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,'telefonseelsorge.de');
INSERT INTO "crisis_line" VALUES(49,'DE',48,'Hilfetelefon Gewalt gegen Frauen','domestic_abuse','116 016','116016',NULL,NULL,'24/7','["de", "en"]','hilfetelefon.de','For women; in 18 languages. Chat on the website.','["https://www.attendorn.de/Rathaus/Aktuelles/Hilfetelefon-jetzt-mit-EU-weiter-Nummer.php (a town, 2023: free, 116 016 since June 2023; seen 2026-11-30 in a stored copy)", "https://utopia.de/news/116-016-hilfetelefon-gewalt-gegen-frauen-neue-nummer-kurz (2023: day and night, free; seen 2026-11-30 in a stored copy)", "https://dieguteminute.ch/deutschlands-notrufnummer-fuer-frauen-wird-einfacher/ (2023: day and night, 18 languages; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(50,'FR',49,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["fr"]',NULL,'Ambulance: 15.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(51,'FR',50,'3114','crisis_line','3114','3114',NULL,NULL,'24/7','["fr"]','3114.fr','National suicide prevention line; health professionals answer.','["https://3114.fr/que-se-passe-t-il-quand-je-contacte-le-3114/ (own page: 24 hours, mainland and overseas; seen 2026-11-30 in a stored copy)", "https://axaprevention.fr/fr/article/prevention-suicide-journee-mondiale (free, 24/7; SAMU 15 at immediate risk; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(52,'ES',51,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["es"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(53,'ES',52,'024','crisis_line','024','024',NULL,NULL,'24/7','["es"]',NULL,'National line for people with suicidal thoughts and those close to them. Chat on the website.','["https://www.farodevigo.es/galicia/2025/10/11/medio-millar-gallegos-mes-024-linea-suicidio-122499662.html (2025-10-11: free, 24 hours; chat; seen 2026-11-30 in a stored copy)", "https://www.rtve.es/noticias/20220509/sanidad-presenta-telefono-prevencion-suicidio/2347183.shtml (2022-05-09; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(54,'NL',53,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["nl"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(55,'NL',54,'113 Zelfmoordpreventie','crisis_line','113','113',NULL,NULL,'24/7','["nl"]','113.nl','Also 0800-0113. Chat on the website.','["https://www.upday.com/nl/binnenland/nummer-113-nu-gratis-betere-hulp-bij-zelfdodingsgedachten/pj8neqt (ANP, 2025-10-03: 113 is free now, 24/7; seen 2026-11-30 in a stored copy)", "https://www.nu.nl/binnenland/6062813/hulplijn-113-nu-ook-rechtstreeks-bereikbaar-voor-zelfmoordpreventie.html (2020-07: day and night; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,'113.nl');
INSERT INTO "crisis_line" VALUES(56,'PL',55,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["pl"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(57,'PL',56,'116 123','crisis_line','116 123','116123',NULL,NULL,'24/7','["pl"]','116sos.pl','For adults. Chat on the website.','["https://www.telepolis.pl/wiadomosci/ministerstwo-cyfryzacji-wazne-numery-kampania (ministry of digital affairs, November 2025: free, all day and night; seen 2026-11-30 in a stored copy)", "stored public source text 70870477095 (116 123; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'medium (older pages say 14-22 on weekdays)',NULL,'116sos.pl');
INSERT INTO "crisis_line" VALUES(58,'PL',57,'116 111','child','116 111','116111',NULL,NULL,'24/7','["pl"]','116111.pl','','["https://edukacja.dziennik.pl/aktualnosci/artykuly/9394589,telefony-zaufania-dla-dzieci-i-mlodziezy-2024-gdzie-otrzymasz-pomoc.html (2024-01: free, all day and night; seen 2026-11-30 in a stored copy)", "https://www.telepolis.pl/wiadomosci/ministerstwo-cyfryzacji-wazne-numery-kampania (November 2025; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(59,'HK',58,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["zh", "en"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(60,'HK',59,'The Samaritans Hong Kong','crisis_line','2896 0000','28960000',NULL,NULL,'24/7','["en", "zh"]',NULL,'','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(61,'AE',60,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["ar", "en"]',NULL,'Police; they send an ambulance too. Ambulance directly: 998.','["https://trekmedics.org/database/united_arab_emirates/?country=United%20Arab%20Emirates (999 or 998 for an ambulance; seen 2026-11-30 in a stored copy)", "https://www.khaleejtimes.com/emergencies/uae-woman-calls-998-after-hearing-people-cough-assuming-they-have-covid (National Ambulance, 2022: 998; seen 2026-11-30 in a stored copy)", "https://www.khaleejtimes.com/ml/uae/dubai-dial-999-only-for-emergencies-residents-urged-after-hotline-gets-over-71000-calls-during-ei (Dubai Police, 2024-06-21: 999 for emergencies; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(62,'AE',61,'800-SAKINA, Abu Dhabi','crisis_line','800 725462','800725462',NULL,NULL,'24/7','["ar", "en"]',NULL,'Run by Abu Dhabi''s health department.','["https://www.aletihad.ae/news/%D8%A7%D9%84%D8%A5%D9%85%D8%A7%D8%B1%D8%A7%D8%AA/4648486/-%D8%B5%D8%AD%D8%A9-%D8%A3%D8%A8%D9%88%D8%B8%D8%A8%D9%8A--%D8%AA%D9%81%D8%B9%D9%84-%D8%A7%D9%84%D8%AE%D8%B7-%D8%A7%D9%84%D8%B3%D8%A7%D8%AE%D9%86-sakina-800 (2026-03-02: round the clock, Arabic and English; seen 2026-11-30 in a stored copy)", "https://www.zawya.com/ar/%D8%A7%D9%84%D8%A8%D9%8A%D8%A7%D9%86%D8%A7%D8%AA-%D8%A7%D9%84%D8%B5%D8%AD%D9%81%D9%8A%D8%A9/%D8%A8%D9%8A%D8%A7%D9%86%D8%A7%D8%AA-%D8%AD%D9%83%D9%88%D9%85%D9%8A%D8%A9/800-sakina-bnz48g8m (press release, 2026-03-02; seen 2026-11-30 in a stored copy)", "stored public source text 54499510781 (800-725462, 24/7; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium (set up in March 2026 for a crisis of the time: ask whether it goes on)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(63,'AE',62,'National mental support line','crisis_line','800 4673','8004673',NULL,NULL,'Mo-Su 08:00-20:00','["ar", "en"]',NULL,'','["https://www.thenationalnews.com/uae/health/coronavirus-uae-sets-up-free-national-helpline-to-support-mental-health-1.1021577 (2020: free, Arabic and English, WhatsApp; seen 2026-11-30 in a stored copy)", "stored public source text 56892414264 (8am-8pm; seen 2026-11-30 in a stored copy)", "stored public source text 54910634697 (8am-8pm; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}','Asia/Dubai','low (whether it still runs in 2026 is not confirmed)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(64,'SA',63,'Ambulance, Red Crescent','emergency','997','997',NULL,NULL,'24/7','["ar"]',NULL,'In the regions of Riyadh, Makkah, Madinah and the Eastern Province, 911 reaches every service.','["emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)", "https://gulfpress.net/?p=415490 (interior ministry: 911 in four regions, answered day and night in several languages; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium (997 high in lists; hours by what it is)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(65,'SA',64,'Unified emergency number','emergency','911','911',NULL,NULL,'24/7','["ar", "en"]',NULL,'Only in the regions of Riyadh, Makkah, Madinah and the Eastern Province.','["https://gulfpress.net/?p=415490 (interior ministry, a November: four regions; seen 2026-11-30 in a stored copy)", "https://ksa.com/ncso-received-2-4-million-emergency-calls-from-riyadh-makkah-and-eastern-region (2024-03-03: 24/7; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(66,'OM',65,'Emergency services','emergency','9999','9999',NULL,NULL,'24/7','["ar"]',NULL,'Royal Oman Police; police, fire and ambulance.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://www.omanobserver.om/dial-9999-only-for-emergencies-and-1099-for-covid-enquiries/ (Royal Oman Police, 2021-03-31; seen 2026-11-30 in a stored copy)", "https://progress.guide/?p=12770 (9999 for police, ambulance and fire; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(67,'QA',66,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["ar"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(68,'QA',67,'National mental health helpline','crisis_line','16000','16000',NULL,NULL,'Sa-Th 08:00-18:00','["ar", "en"]',NULL,'Choose a language, then 4. At other hours go to an emergency department.','["https://qatarday.com/mental-health-support-included-in-urgent-care-services/54112/0 (2024-01-24; seen 2026-11-30 in a stored copy)", "https://wgoqatar.com/2020/04/hmc-launches-psychological-support-services-on-the-16000-helpline (2020-04: toll-free; longer hours then; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}','Asia/Qatar','medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(69,'BH',68,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["ar"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(70,'KW',69,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["ar"]',NULL,'','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2025-09-10 (a public repository, emergencyNumbers.js; seen 2026-11-30 in a stored copy)", "https://progress.guide/atlas/asia/kuwait (112 for every service; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(71,'LK',70,'Emergency ambulance, 1990 Suwa Seriya','emergency','1990','1990',NULL,NULL,'24/7','["si", "ta", "en"]',NULL,'Free across the island. Police: 119.','["https://www.themorning.lk/articles/D9hdYrHLGHDs7kGnzGEz (late 2025: free, islandwide; seen 2026-11-30 in a stored copy)", "http://island.lk/?p=121806 (operator, July 2023; seen 2026-11-30 in a stored copy)", "https://websitedesigns.com.au/elankanew/australian-medical-teams-support-the-pioneering-1990-suwa-seriya-by-lawrence-machado (toll-free, nearly 300 ambulances; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high (hours: an ambulance service; no source spells them out)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(72,'LK',71,'1926, National Institute of Mental Health','crisis_line','1926','1926','1926',NULL,'24/7','["si", "ta", "en"]',NULL,'','["https://casite-619540.cloudaccess.net/business-news/technology/item/11866-no-one-left-behind-airtel-nimh-mental-health-helpline-expands-to-24-7-service (2022: calls, texts and WhatsApp 24/7, free; seen 2026-11-30 in a stored copy)", "https://www.srilankanewsnetwork.com/mental-health-emergency-support-available-via-1926-hotline (24/7; seen 2026-11-30 in a stored copy)", "https://athavannews.com/2026/1461833 (2026: the institute points to 1926; seen 2026-11-30 in a stored copy)", "http://www.sundaytimes.lk/201011/magazine/1926-those-who-suffer-in-silence-can-text-for-help-419206.html (2020: three languages, toll-free; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(73,'MY',72,'Emergency services','emergency','999','999',NULL,NULL,'24/7','["ms", "en"]',NULL,'112 from a mobile phone works too.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "https://www.malaymail.com/news/malaysia/2026/01/06/about-80-malaysians-a-day-turn-to-heal-15555-mental-health-hotline-for-help-says-dzulkefly/204492 (2026-01-06: MERS999 sends help in a suicide attempt; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(74,'MY',73,'Talian Kasih','domestic_abuse','15999','15999',NULL,NULL,'24/7','["ms", "en"]',NULL,'Abuse, neglect and distress; run by the ministry for women and families.','["https://news.amierul.com/2025/11/10/how-talian-kasih-turns-distress-calls-into-action (2025-11-10: 24 hours, of the ministry; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium',NULL,NULL);
INSERT INTO "crisis_line" VALUES(75,'MY',74,'HEAL 15555','crisis_line','15555','15555',NULL,NULL,'Mo-Su 08:00-24:00','["ms", "en"]',NULL,'','["https://vietnamnews.vn/world/1763284/malaysia-sees-record-surge-in-mental-health-calls.html (2026-01-07: 8 to midnight, holidays too; seen 2026-11-30 in a stored copy)", "https://www.malaymail.com/news/malaysia/2024/06/25/health-ministry-says-working-with-telcos-to-provide-free-access-to-heal-line-15555/141421 (2024-06-25: ordinary charges then; seen 2026-11-30 in a stored copy)", "https://www.thestar.com.my/news/nation/2023/09/10/almost-25000-calls-made-to-039heal-line-15555039-mental-health-helpline-this-year (2023-09-10: same hours; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'may_cost',1,'{}','Asia/Kuala_Lumpur','high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(76,'MU',75,'SAMU ambulance','emergency','114','114',NULL,NULL,'24/7','["fr", "en"]',NULL,'Police: 999 or 112.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "http://topfm.mu/fetes-de-fin-dannee-le-samu-appelle-un-usage-responsable-du-114 (SAMU doctor: 114, interventions through 24 hours; seen 2026-11-30 in a stored copy)", "http://ionnews.mu/reveillon-sur-le-terrain-pour-pompiers-et-policiers-311216/ (999 or 112 are the police; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(77,'NG',76,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["en"]',NULL,'','["https://technologytimes.ng/dial-122-how-nigerias-three-digit-emergency-number-works/ (regulator: free from every network; centres in a growing number of states; seen 2026-11-30 in a stored copy)", "https://www.sunnewsonline.com/covid-19-nccs-112-national-emergency-number-offers-succour-to-nigerians/ (2020-04-03; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)", "public comparison of national lines, 2025 (stored source text 26243292148; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high (not every state has a centre)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(78,'GH',77,'Emergency services','emergency','112','112',NULL,NULL,'24/7','["en"]',NULL,'Ambulance: 193. Police: 191.','["https://citinewsroom.com/2020/01/nana-addo-commissions-307-ambulances-photos/ (president, 2020-01-28: 112 for everything; seen 2026-11-30 in a stored copy)", "https://www.myjoyonline.com/80-of-calls-received-in-2021-were-prank-calls-ambulance-service (ambulance service: 112 toll-free; seen 2026-11-30 in a stored copy)", "emergency numbers by country, 2024-09-20 (a public repository, data.js; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(79,'HN',78,'Emergency services','emergency','911','911',NULL,NULL,'24/7','["es"]',NULL,'','["https://www.elheraldo.hn/honduras/sistema-nacional-emergencias-afirma-mantiene-operativos-servicios-24-7-todo-pais-AH29487362 (2026-02-26: 24 hours, the whole country; seen 2026-11-30 in a stored copy)", "https://proceso.hn/sistema-911-afirma-que-mantiene-operatividad-y-que-sigue-verificando-contratos/ (2026-02-25; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(80,'BR',79,'SAMU ambulance','emergency','192','192',NULL,NULL,'24/7','["pt"]',NULL,'Fire and rescue: 193. Police: 190. 112 reaches only the police, and only from a mobile phone.','["libphonenumber short-number metadata (is_emergency_number), phonenumbers 9.0.43", "https://editalconcursosbrasil.com.br/?p=490220 (911 and 112 go to the police at 190, only from mobile phones; seen 2026-11-30 in a stored copy)", "https://mdbf.com.br/blog/quais-os-numeros-de-emergencia (2025: 190, 192, 193; seen 2026-11-30 in a stored copy)", "public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'free',1,'{}',NULL,'high',NULL,NULL);
INSERT INTO "crisis_line" VALUES(81,'NP',80,'National suicide prevention helpline','crisis_line','1166','1166',NULL,NULL,NULL,'["ne"]',NULL,'','["http://www.tponepal.org/technical-assistance-for-setting-up-a-national-suicide-prevention-resource-center-and-operationalizing-a-national-helpline-for-suicide-response/ (with WHO, mental hospital Lagankhel; 24-hour service is the aim; seen 2026-11-30 in a stored copy)", "https://english.lokpath.com/2020/09/10/suicide-control-helpline-in-two-hospitals/ (2020: 8 to 20; seen 2026-11-30 in a stored copy)", "https://nepalesevoice.com/nepal/helpline-in-operation-to-prevent-suicide/ (2021: runs at the hospital; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'medium (hours contradict each other)',NULL,NULL);
INSERT INTO "crisis_line" VALUES(82,'IT',81,'Telefono Amico Italia','crisis_line','02 2327 2327','0223272327',NULL,NULL,'Mo-Su 09:00-24:00','["it"]','telefonoamico.it','By WhatsApp: 324 011 7252.','["public source list, 31 regions, author says checked with providers on 2026-08-12 (stored source text 58818179214; seen 2026-11-30 in a stored copy)", "https://www.quotidiano.net/magazine/sentirsi-soli-nei-giorni-di-4876c850 (2024-12; seen 2026-11-30 in a stored copy)", "https://www.tpi.it/news/solo-a-natale-telefono-amico-20211215850521/ (2021-12: 10 to 24 then; WhatsApp; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,'may_cost',1,'{}','Europe/Rome','high','+393240117252',NULL);
INSERT INTO "crisis_line" VALUES(83,'PK',82,'Umang','crisis_line','0311 7786264','03117786264',NULL,NULL,NULL,'["ur", "en"]','umang.com.pk','Day and night except on Eid, according to a report when it started.','["https://hourstv.com/suicide-helpline-pakistan/ (24/7 except Eid; seen 2026-11-30 in a stored copy)", "https://progress.guide/?p=12807 (24/7; names another number for itself; seen 2026-11-30 in a stored copy)", "stored public source text 67272059043 (0317-4288665 and 0311-7786264; seen 2026-11-30 in a stored copy)"]','2026-11-30',NULL,NULL,NULL,1,'{}',NULL,'low (several numbers in use)',NULL,NULL);
CREATE TABLE dispatch_round (
	callback_id INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	passed INTEGER NOT NULL, 
	CONSTRAINT pk_dispatch_round PRIMARY KEY (callback_id), 
	CONSTRAINT fk_dispatch_round_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id)
);
CREATE TABLE floor_deed (
	id INTEGER NOT NULL, 
	callback_id INTEGER NOT NULL, 
	deed VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, 
	by_staff INTEGER NOT NULL, 
	from_staff INTEGER, 
	to_staff INTEGER, 
	reason TEXT, 
	CONSTRAINT pk_floor_deed PRIMARY KEY (id), 
	CONSTRAINT fk_floor_deed_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_floor_deed_by_staff_staff FOREIGN KEY(by_staff) REFERENCES staff (id), 
	CONSTRAINT fk_floor_deed_from_staff_staff FOREIGN KEY(from_staff) REFERENCES staff (id), 
	CONSTRAINT fk_floor_deed_to_staff_staff FOREIGN KEY(to_staff) REFERENCES staff (id)
);
CREATE TABLE hand_over (
	id INTEGER NOT NULL, 
	callback_id INTEGER NOT NULL, 
	from_staff INTEGER NOT NULL, 
	to_staff INTEGER NOT NULL, 
	note TEXT, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_hand_over PRIMARY KEY (id), 
	CONSTRAINT fk_hand_over_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_hand_over_from_staff_staff FOREIGN KEY(from_staff) REFERENCES staff (id), 
	CONSTRAINT fk_hand_over_to_staff_staff FOREIGN KEY(to_staff) REFERENCES staff (id)
);
CREATE TABLE inbound_call (
	id INTEGER NOT NULL, 
	sid VARCHAR(34) NOT NULL, 
	phone TEXT, 
	phone_hash VARCHAR(64), 
	region VARCHAR(2) NOT NULL, 
	language VARCHAR(12), 
	asked VARCHAR(20) NOT NULL, 
	turn INTEGER NOT NULL, 
	asked_times INTEGER NOT NULL, 
	for_message BOOLEAN NOT NULL, 
	typed_phone TEXT, 
	began_at DATETIME NOT NULL, 
	heard_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	outcome VARCHAR(20), 
	advisor_id INTEGER, 
	advisor_call VARCHAR(34), 
	rung JSON NOT NULL, 
	talked_with INTEGER, 
	talked_at DATETIME, 
	callback_id INTEGER, 
	attempt_id INTEGER, looked_at DATETIME, hold_began_at DATETIME, 
	CONSTRAINT pk_inbound_call PRIMARY KEY (id), 
	CONSTRAINT fk_inbound_call_advisor_id_staff FOREIGN KEY(advisor_id) REFERENCES staff (id), 
	CONSTRAINT fk_inbound_call_attempt_id_attempt FOREIGN KEY(attempt_id) REFERENCES attempt (id), 
	CONSTRAINT fk_inbound_call_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_inbound_call_talked_with_staff FOREIGN KEY(talked_with) REFERENCES staff (id), 
	CONSTRAINT uq_inbound_call_advisor_id UNIQUE (advisor_id), 
	CONSTRAINT uq_inbound_call_attempt_id UNIQUE (attempt_id), 
	CONSTRAINT uq_inbound_call_sid UNIQUE (sid)
);
CREATE TABLE inbound_reply (
	id INTEGER NOT NULL, 
	call_id INTEGER NOT NULL, 
	turn INTEGER NOT NULL, 
	reply TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_inbound_reply PRIMARY KEY (id), 
	CONSTRAINT fk_inbound_reply_call_id_inbound_call FOREIGN KEY(call_id) REFERENCES inbound_call (id), 
	CONSTRAINT uq_inbound_reply_call_id_turn UNIQUE (call_id, turn)
);
CREATE TABLE invitation (
	id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	email VARCHAR(255), 
	roles JSON NOT NULL, 
	languages JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	over_at DATETIME, 
	staff_id INTEGER, 
	CONSTRAINT pk_invitation PRIMARY KEY (id), 
	CONSTRAINT fk_invitation_created_by_staff FOREIGN KEY(created_by) REFERENCES staff (id), 
	CONSTRAINT fk_invitation_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id), 
	CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash)
);
CREATE TABLE job_failure (
	job VARCHAR(30) NOT NULL, 
	subject_id INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	problem VARCHAR(60) NOT NULL, 
	failed_at DATETIME NOT NULL, 
	not_before DATETIME NOT NULL, 
	set_aside_at DATETIME, 
	CONSTRAINT pk_job_failure PRIMARY KEY (job, subject_id)
);
CREATE TABLE key_canary (
	"key" VARCHAR(20) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_key_canary PRIMARY KEY ("key", fingerprint)
);
INSERT INTO "key_canary" VALUES('fields','ee36f23a8e6822a5199869c8b72fef7da29c479c15103bc0dd60c14937c59d8b','2026-11-23 05:30:00.000000');
INSERT INTO "key_canary" VALUES('phone_index','b76af7cb59572eef5caccddb03439ea76f6af8da6e2f3ddf3fa6e7a94b342c4b','2026-11-23 05:30:00.000000');
INSERT INTO "key_canary" VALUES('links','4335fa896af6893f6a7f6ba159f190f939043f2023e2df09e2b1ae45e6482c37','2026-11-23 05:30:00.000000');
CREATE TABLE note_draft (
	id INTEGER NOT NULL, 
	callback_id INTEGER NOT NULL, 
	advisor_id INTEGER NOT NULL, 
	notes TEXT, 
	transfer_note TEXT, 
	disposition VARCHAR(20), 
	version INTEGER NOT NULL, 
	saved_at DATETIME NOT NULL, 
	CONSTRAINT pk_note_draft PRIMARY KEY (id), 
	CONSTRAINT fk_note_draft_advisor_id_staff FOREIGN KEY(advisor_id) REFERENCES staff (id), 
	CONSTRAINT fk_note_draft_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT uq_note_draft_callback_id_advisor_id UNIQUE (callback_id, advisor_id)
);
CREATE TABLE notice (
	id INTEGER NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	subject VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	times INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	dismissed_at DATETIME, 
	dismissed_by INTEGER, 
	CONSTRAINT pk_notice PRIMARY KEY (id), 
	CONSTRAINT fk_notice_dismissed_by_staff FOREIGN KEY(dismissed_by) REFERENCES staff (id)
);
CREATE TABLE number_on_line (
	id INTEGER NOT NULL, 
	call VARCHAR(34) NOT NULL, 
	phone_hash VARCHAR(64) NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_number_on_line PRIMARY KEY (id), 
	CONSTRAINT uq_number_on_line_call UNIQUE (call)
);
CREATE TABLE number_rest (
	id INTEGER NOT NULL, 
	phone_hash VARCHAR(64), 
	why VARCHAR(20) NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	callback_id INTEGER, 
	by_staff INTEGER, 
	reason TEXT, 
	lifted_at DATETIME, 
	lifted_by INTEGER, 
	CONSTRAINT pk_number_rest PRIMARY KEY (id), 
	CONSTRAINT fk_number_rest_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_number_rest_by_staff_staff FOREIGN KEY(by_staff) REFERENCES staff (id), 
	CONSTRAINT fk_number_rest_lifted_by_staff FOREIGN KEY(lifted_by) REFERENCES staff (id)
);
CREATE TABLE offer (
	id INTEGER NOT NULL, 
	ref VARCHAR(32) NOT NULL, 
	callback_id INTEGER NOT NULL, 
	advisor_id INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	result VARCHAR(20), 
	problem VARCHAR(60), 
	created_at DATETIME NOT NULL, 
	placing_at DATETIME, 
	heard_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	call VARCHAR(34), 
	end_asked_at DATETIME, look_at DATETIME, 
	CONSTRAINT pk_offer PRIMARY KEY (id), 
	CONSTRAINT fk_offer_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_offer_advisor_id_staff FOREIGN KEY(advisor_id) REFERENCES staff (id), 
	CONSTRAINT uq_offer_call UNIQUE (call), 
	CONSTRAINT uq_offer_ref UNIQUE (ref)
);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	subject_id INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at DATETIME NOT NULL, 
	not_before DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	taken_at DATETIME, 
	done_at DATETIME, 
	problem VARCHAR(60), 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_kind_subject_id UNIQUE (kind, subject_id)
);
CREATE TABLE passkey (
	id INTEGER NOT NULL, 
	staff_id INTEGER NOT NULL, 
	credential_id VARCHAR(1400) NOT NULL, 
	public_key BLOB NOT NULL, 
	sign_count BIGINT NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	added_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_passkey_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id), 
	CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id)
);
CREATE TABLE password_link (
	staff_id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	created_by INTEGER, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_password_link PRIMARY KEY (staff_id), 
	CONSTRAINT fk_password_link_created_by_staff FOREIGN KEY(created_by) REFERENCES staff (id), 
	CONSTRAINT fk_password_link_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id), 
	CONSTRAINT uq_password_link_token_hash UNIQUE (token_hash)
);
CREATE TABLE preflight_report (
	id INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	found_at DATETIME, 
	findings JSON NOT NULL, forwarded_at DATETIME, 
	CONSTRAINT pk_preflight_report PRIMARY KEY (id), 
	CONSTRAINT ck_preflight_report_single CHECK (id = 1)
);
CREATE TABLE presence (
	staff_id INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	since DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, call_in VARCHAR(34), call_in_ended_at DATETIME, missed_offers INTEGER DEFAULT '0' NOT NULL, away_by_misses BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_presence PRIMARY KEY (staff_id), 
	CONSTRAINT fk_presence_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE recovery_code (
	id INTEGER NOT NULL, 
	staff_id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (id), 
	CONSTRAINT fk_recovery_code_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id), 
	CONSTRAINT uq_recovery_code_code_hash UNIQUE (code_hash)
);
CREATE TABLE referral (
	id INTEGER NOT NULL, 
	callback_id INTEGER, 
	place_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	by_staff INTEGER NOT NULL, 
	CONSTRAINT pk_referral PRIMARY KEY (id), 
	CONSTRAINT fk_referral_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_referral_place_id_care_place FOREIGN KEY(place_id) REFERENCES care_place (id), 
	CONSTRAINT fk_referral_by_staff_staff FOREIGN KEY(by_staff) REFERENCES staff (id), 
	CONSTRAINT uq_referral_callback_id_place_id UNIQUE (callback_id, place_id)
);
CREATE TABLE refused_region (
	region VARCHAR(2) NOT NULL, 
	code INTEGER NOT NULL, 
	refused_at DATETIME NOT NULL, 
	CONSTRAINT pk_refused_region PRIMARY KEY (region)
);
CREATE TABLE retention_policy (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	person_days INTEGER NOT NULL, 
	notes_days INTEGER NOT NULL, 
	recording_days INTEGER NOT NULL, 
	caller_days INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	CONSTRAINT pk_retention_policy PRIMARY KEY (id), 
	CONSTRAINT ck_retention_policy_single CHECK (id = 1)
);
CREATE TABLE rewording (
	id INTEGER NOT NULL, 
	language VARCHAR(12) NOT NULL, 
	word_id VARCHAR(32) NOT NULL, 
	context VARCHAR(12) NOT NULL, 
	ours TEXT NOT NULL, 
	theirs JSON, 
	version INTEGER NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by INTEGER NOT NULL, 
	CONSTRAINT pk_rewording PRIMARY KEY (id), 
	CONSTRAINT fk_rewording_saved_by_staff FOREIGN KEY(saved_by) REFERENCES staff (id), 
	CONSTRAINT uq_rewording_language_word_id UNIQUE (language, word_id)
);
CREATE TABLE ring (
	id INTEGER NOT NULL, 
	phone_hash VARCHAR(64) NOT NULL, 
	callback_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_ring PRIMARY KEY (id), 
	CONSTRAINT fk_ring_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id)
);
CREATE TABLE role (
	id INTEGER NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	description VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_role PRIMARY KEY (id), 
	CONSTRAINT uq_role_name UNIQUE (name)
);
INSERT INTO "role" VALUES(1,'advisor','Works the call queue');
INSERT INTO "role" VALUES(2,'supervisor','Sees the floor and hands out the work');
INSERT INTO "role" VALUES(3,'admin','Sets hours and keeps the directory');
CREATE TABLE rota_version (
	staff_id INTEGER NOT NULL, 
	version INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_rota_version PRIMARY KEY (staff_id), 
	CONSTRAINT fk_rota_version_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE safety_save (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	neutral_site VARCHAR(200) NOT NULL, 
	page_title VARCHAR(60) NOT NULL, 
	page_icon VARCHAR(20) NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by INTEGER, 
	CONSTRAINT pk_safety_save PRIMARY KEY (id), 
	CONSTRAINT uq_safety_save_version UNIQUE (version)
);
CREATE TABLE safety_signature (
	id INTEGER NOT NULL, 
	fact VARCHAR(40) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	signed_by INTEGER NOT NULL, 
	signed_at DATETIME NOT NULL, 
	CONSTRAINT pk_safety_signature PRIMARY KEY (id), 
	CONSTRAINT fk_safety_signature_signed_by_staff FOREIGN KEY(signed_by) REFERENCES staff (id), 
	CONSTRAINT uq_safety_signature_words UNIQUE (fact, digest)
);
CREATE TABLE service_policy (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	slot_minutes INTEGER NOT NULL, 
	slot_capacity INTEGER NOT NULL, 
	slot_days_ahead INTEGER NOT NULL, 
	slot_lead_minutes INTEGER NOT NULL, 
	last_start_minutes INTEGER NOT NULL, 
	max_attempts INTEGER NOT NULL, 
	retry_pauses_minutes JSON NOT NULL, 
	claim_minutes INTEGER NOT NULL, 
	wrap_up_minutes INTEGER NOT NULL, 
	expire_after_days INTEGER NOT NULL, dispatch VARCHAR(10) DEFAULT 'pull' NOT NULL, push_ring_at_once INTEGER DEFAULT '1' NOT NULL, misses_until_away INTEGER DEFAULT '3' NOT NULL, hand_deadline_minutes INTEGER DEFAULT '15' NOT NULL, wanted_grace_minutes INTEGER DEFAULT '10' NOT NULL, capacity_mode VARCHAR(10) DEFAULT 'fixed' NOT NULL, shift_share_percent INTEGER DEFAULT '50' NOT NULL, service_level_minutes INTEGER DEFAULT '20' NOT NULL, service_level_percent INTEGER DEFAULT '80' NOT NULL, most_rings_a_day INTEGER DEFAULT '8' NOT NULL, most_callbacks_a_day INTEGER DEFAULT '3' NOT NULL, most_cents_a_day INTEGER, call_costs JSON DEFAULT '{}' NOT NULL, text_costs JSON DEFAULT '{}' NOT NULL, live_calls_per_callback INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_service_policy PRIMARY KEY (id), 
	CONSTRAINT ck_service_policy_single CHECK (id = 1)
);
CREATE TABLE set_aside (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	by_staff INTEGER NOT NULL, 
	example_id INTEGER NOT NULL, 
	alike JSON NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	reason TEXT, 
	CONSTRAINT pk_set_aside PRIMARY KEY (id), 
	CONSTRAINT fk_set_aside_by_staff_staff FOREIGN KEY(by_staff) REFERENCES staff (id), 
	CONSTRAINT fk_set_aside_example_id_callback FOREIGN KEY(example_id) REFERENCES callback (id)
);
CREATE TABLE set_aside_member (
	callback_id INTEGER NOT NULL, 
	set_aside_id INTEGER NOT NULL, 
	CONSTRAINT pk_set_aside_member PRIMARY KEY (callback_id), 
	CONSTRAINT fk_set_aside_member_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT fk_set_aside_member_set_aside_id_set_aside FOREIGN KEY(set_aside_id) REFERENCES set_aside (id)
);
CREATE TABLE shift (
	id INTEGER NOT NULL, 
	staff_id INTEGER NOT NULL, 
	weekday INTEGER NOT NULL, 
	start_minute INTEGER NOT NULL, 
	end_minute INTEGER NOT NULL, 
	valid_from DATE NOT NULL, 
	valid_until DATE, 
	CONSTRAINT pk_shift PRIMARY KEY (id), 
	CONSTRAINT ck_shift_weekday CHECK (weekday BETWEEN 0 AND 6), 
	CONSTRAINT ck_shift_order CHECK (start_minute < end_minute), 
	CONSTRAINT ck_shift_dates CHECK (valid_until IS NULL OR valid_from <= valid_until), 
	CONSTRAINT fk_shift_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE shift_exception (
	id INTEGER NOT NULL, 
	staff_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	start_minute INTEGER, 
	end_minute INTEGER, 
	CONSTRAINT pk_shift_exception PRIMARY KEY (id), 
	CONSTRAINT ck_shift_exception_hours CHECK ((kind = 'off') = (start_minute IS NULL) AND (kind = 'off') = (end_minute IS NULL)), 
	CONSTRAINT fk_shift_exception_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
CREATE TABLE sign_in_tries (
	"key" VARCHAR(64) NOT NULL, 
	wrong INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_in_tries PRIMARY KEY ("key")
);
CREATE TABLE slot (
	starts_at DATETIME NOT NULL, 
	capacity INTEGER NOT NULL, 
	booked INTEGER NOT NULL, 
	CONSTRAINT pk_slot PRIMARY KEY (starts_at), 
	CONSTRAINT ck_slot_capacity CHECK (booked >= 0 AND booked <= capacity)
);
CREATE TABLE slot_language (
	starts_at DATETIME NOT NULL, 
	language VARCHAR(12) NOT NULL, 
	capacity INTEGER NOT NULL, 
	booked INTEGER NOT NULL, 
	CONSTRAINT pk_slot_language PRIMARY KEY (starts_at, language), 
	CONSTRAINT ck_slot_language_capacity CHECK (booked >= 0 AND booked <= capacity)
);
CREATE TABLE special_day (
	day DATE NOT NULL, 
	intervals JSON NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_special_day PRIMARY KEY (day)
);
CREATE TABLE staff (
	id INTEGER NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	password VARCHAR(255), 
	active BOOLEAN NOT NULL, 
	fs_uniquifier VARCHAR(64) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	phone TEXT, 
	languages JSON NOT NULL, version INTEGER DEFAULT '1' NOT NULL, wrong_codes INTEGER DEFAULT '0' NOT NULL, guessed_at DATETIME, password_void_at DATETIME, phone_hash VARCHAR(64), 
	CONSTRAINT pk_staff PRIMARY KEY (id), 
	CONSTRAINT uq_staff_email UNIQUE (email), 
	CONSTRAINT uq_staff_fs_uniquifier UNIQUE (fs_uniquifier)
);
INSERT INTO "staff" VALUES(1,'asha@helpline.example','$argon2id$v=19$m=64,t=1,p=1$EoKQ8v4fo9Qao3RuTemdMw$lP7NEHWuhXybo6DcdYx+ckSHoT1akHr0tEpw1mFSQLE',1,'e5d724cddae50a7b2deefcced6517416ce38c0b4ccaa078e56c2eac5c20bf7cc','Asha','gAAAAABrA89YwppblbtiStyswor0eP10hRyyeGtvGNQ6JoHMDxrDBw8MgTNCNkqTM8NhnFGq0VPvEwpuGgzqCzLcfeH-byHW4Q==','["hi", "en"]',1,0,NULL,NULL,'c4d3482e36a1fb8966c68135c104d268da02c9d3aa47037e495dcc55a7589274');
INSERT INTO "staff" VALUES(2,'ravi@helpline.example','$argon2id$v=19$m=64,t=1,p=1$2VtLqbX2XqtVqpXSOmdsbQ$pifncTBQFfvjnAltF1PdSsBNqEzdOs0cD/3qGgWPQ1U',1,'e33970a85d00c9ae16f12c9d9fdaad633574155aa5b6e26ff04bace1b655d415','Ravi','gAAAAABrA89YN_OcU2wcHIRcKHvu78ATB4759_jb8jAE9HitqN9wgeS-upVi-Luc9vsxok38j0BsoBc4_XkY2rwFGFKzHjqDpA==','["en"]',1,0,NULL,NULL,'91722e5af6a8efaf039b4cd8f97c95ace3c2d4fa46cf9f7ab20bbc31e3ec3044');
INSERT INTO "staff" VALUES(3,'vikram@helpline.example','$argon2id$v=19$m=64,t=1,p=1$1bp3DgGAUKp17h3D+N+71w$W1ebnB98yzhfL9DW0apQuK5f/+15x41QYtRQm+XLBRQ',1,'ae3f2cedd224731f5e148a356ac8eb48c570b6521f0749016885aced4170979e','Vikram',NULL,'["hi", "en"]',1,0,NULL,NULL,NULL);
INSERT INTO "staff" VALUES(4,'meera@helpline.example','$argon2id$v=19$m=64,t=1,p=1$/j+n1Prf+x+jdK6VEsLYuw$Gfeh9CaJPI0QBCjA/xA+YFCQo9vrGnRRVKlnKbiAXSo',1,'86c12e57b541328cbc9bcba4e322c43b97fa27d2ba0e6817fb25466a4a9c6298','Meera',NULL,'["en", "hi"]',1,0,NULL,NULL,NULL);
CREATE TABLE staff_role (
	staff_id INTEGER NOT NULL, 
	role_id INTEGER NOT NULL, 
	CONSTRAINT pk_staff_role PRIMARY KEY (staff_id, role_id), 
	CONSTRAINT fk_staff_role_role_id_role FOREIGN KEY(role_id) REFERENCES role (id), 
	CONSTRAINT fk_staff_role_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id)
);
INSERT INTO "staff_role" VALUES(1,1);
INSERT INTO "staff_role" VALUES(2,1);
INSERT INTO "staff_role" VALUES(3,2);
INSERT INTO "staff_role" VALUES(4,3);
CREATE TABLE staff_session (
	id INTEGER NOT NULL, 
	key_hash VARCHAR(64) NOT NULL, 
	staff_id INTEGER NOT NULL, 
	browser VARCHAR(40) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	proven_at DATETIME, 
	confirmed_at DATETIME NOT NULL, 
	app_secret TEXT, 
	challenge VARCHAR(120), wrong_codes INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_staff_session PRIMARY KEY (id), 
	CONSTRAINT fk_staff_session_staff_id_staff FOREIGN KEY(staff_id) REFERENCES staff (id), 
	CONSTRAINT uq_staff_session_key_hash UNIQUE (key_hash)
);
CREATE TABLE tally (
	measure VARCHAR(30) NOT NULL, 
	day DATE NOT NULL, 
	part VARCHAR(300) NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT pk_tally PRIMARY KEY (measure, day, part)
);
CREATE TABLE text_hint (
	phone_hash VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_text_hint PRIMARY KEY (phone_hash)
);
CREATE TABLE "text_in" (
	carrier_id VARCHAR(34) NOT NULL, 
	phone_hash VARCHAR(64), 
	command VARCHAR(20) NOT NULL, 
	received_at DATETIME NOT NULL, 
	answer TEXT, words TEXT, 
	CONSTRAINT pk_text_in PRIMARY KEY (carrier_id)
);
CREATE TABLE "text_out" (
	id INTEGER NOT NULL, 
	ref VARCHAR(32) NOT NULL, 
	callback_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	once VARCHAR(40) NOT NULL, 
	phone_hash VARCHAR(64), 
	phone TEXT, 
	words TEXT, 
	status VARCHAR(20) NOT NULL, 
	created_at DATETIME NOT NULL, 
	good_until DATETIME NOT NULL, 
	asked_at DATETIME, 
	looked_at DATETIME, 
	heard_at DATETIME, 
	carrier_id VARCHAR(34), 
	error_code INTEGER, 
	problem VARCHAR(60), 
	look_at DATETIME, 
	sent_by INTEGER, 
	CONSTRAINT pk_text_out PRIMARY KEY (id), 
	CONSTRAINT uq_text_out_ref UNIQUE (ref), 
	CONSTRAINT fk_text_out_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT uq_text_out_callback_id_kind_once UNIQUE (callback_id, kind, once), 
	CONSTRAINT uq_text_out_carrier_id UNIQUE (carrier_id), 
	CONSTRAINT fk_text_out_sent_by_staff FOREIGN KEY(sent_by) REFERENCES staff (id)
);
CREATE TABLE text_stop (
	phone_hash VARCHAR(64) NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_text_stop PRIMARY KEY (phone_hash)
);
CREATE TABLE tombstone (
	id INTEGER NOT NULL, 
	ref VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	mark VARCHAR(64) NOT NULL, 
	status VARCHAR(20), 
	until DATETIME, 
	CONSTRAINT pk_tombstone PRIMARY KEY (id), 
	CONSTRAINT uq_tombstone_ref UNIQUE (ref)
);
INSERT INTO "tombstone" VALUES(1,'31564ee0c9034136b797b738e8d8fb77','2026-11-23 05:30:00.000000','ended','c98106b9372e551c7c11029eecb97f716928ead97aa79d8b8cd375e1be67a8e1','cancelled',NULL);
CREATE TABLE voice_message (
	id INTEGER NOT NULL, 
	recording VARCHAR(34) NOT NULL, 
	call_id INTEGER NOT NULL, 
	callback_id INTEGER NOT NULL, 
	left_at DATETIME NOT NULL, 
	seconds INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	kept_at DATETIME, 
	sound BLOB, 
	CONSTRAINT pk_voice_message PRIMARY KEY (id), 
	CONSTRAINT fk_voice_message_call_id_inbound_call FOREIGN KEY(call_id) REFERENCES inbound_call (id), 
	CONSTRAINT fk_voice_message_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT uq_voice_message_recording UNIQUE (recording)
);
CREATE TABLE webhook_delivery (
	id INTEGER NOT NULL, 
	message_id VARCHAR(40) NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	event VARCHAR(30) NOT NULL, 
	callback_id INTEGER, 
	occurred_at DATETIME NOT NULL, 
	attempted_at DATETIME, 
	http_status INTEGER, 
	CONSTRAINT pk_webhook_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_webhook_delivery_endpoint_id_webhook_endpoint FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id), 
	CONSTRAINT fk_webhook_delivery_callback_id_callback FOREIGN KEY(callback_id) REFERENCES callback (id), 
	CONSTRAINT uq_webhook_delivery_message_id UNIQUE (message_id)
);
CREATE TABLE webhook_endpoint (
	id INTEGER NOT NULL, 
	url VARCHAR(300) NOT NULL, 
	secret TEXT NOT NULL, 
	previous_secret TEXT, 
	rotated_at DATETIME, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	busy_until DATETIME, 
	CONSTRAINT pk_webhook_endpoint PRIMARY KEY (id)
);
CREATE TABLE website_save (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	websites JSON NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by INTEGER, 
	CONSTRAINT pk_website_save PRIMARY KEY (id), 
	CONSTRAINT uq_website_save_version UNIQUE (version)
);
CREATE TABLE week_save (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	time_zone VARCHAR(64) NOT NULL, 
	week JSON NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by INTEGER, later JSON, exceptions JSON, shut JSON, 
	CONSTRAINT pk_week_save PRIMARY KEY (id), 
	CONSTRAINT uq_week_save_version UNIQUE (version)
);
INSERT INTO "week_save" VALUES(1,1,'Asia/Kolkata','{"mon": [["10:00", "18:00"]], "tue": [["10:00", "18:00"]], "wed": [["10:00", "18:00"]], "thu": [["10:00", "18:00"]], "fri": [["10:00", "18:00"]], "sat": [["10:00", "18:00"]], "sun": [["10:00", "18:00"]]}','2026-11-23 05:30:00.000000',NULL,NULL,NULL,NULL);
CREATE TABLE worker_heartbeat (
	worker VARCHAR(80) NOT NULL, 
	started_at DATETIME NOT NULL, 
	at DATETIME NOT NULL, late_ms INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_worker_heartbeat PRIMARY KEY (worker)
);
CREATE INDEX ix_closure_ends_at ON closure (ends_at);
CREATE INDEX ix_crisis_line_region ON crisis_line (region);
CREATE INDEX ix_callback_event_callback_id ON callback_event (callback_id);
CREATE INDEX ix_attempt_advisor_id ON attempt (advisor_id);
CREATE INDEX ix_attempt_callback_id ON attempt (callback_id);
CREATE INDEX ix_attempt_silent ON attempt (heard_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX uq_attempt_live_advisor ON attempt (advisor_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX uq_attempt_live_callback ON attempt (callback_id) WHERE ended_at IS NULL;
CREATE INDEX ix_call_event_attempt_id ON call_event (attempt_id);
CREATE INDEX ix_outbox_pending ON outbox (not_before) WHERE state = 'pending';
CREATE INDEX ix_audit_entry_subject ON audit_entry (subject);
CREATE INDEX ix_inbound_call_callback_id ON inbound_call (callback_id);
CREATE INDEX ix_inbound_call_phone_hash ON inbound_call (phone_hash);
CREATE INDEX ix_inbound_call_silent ON inbound_call (heard_at) WHERE ended_at IS NULL;
CREATE INDEX ix_voice_message_call_id ON voice_message (call_id);
CREATE INDEX ix_voice_message_callback_id ON voice_message (callback_id);
CREATE INDEX ix_offer_callback_id ON offer (callback_id);
CREATE UNIQUE INDEX uq_offer_live_advisor ON offer (advisor_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX uq_notice_open ON notice (kind, subject) WHERE dismissed_at IS NULL;
CREATE INDEX ix_hand_over_callback_id ON hand_over (callback_id);
CREATE INDEX ix_attempt_ended_at ON attempt (ended_at);
CREATE INDEX ix_text_in_phone_hash ON text_in (phone_hash);
CREATE INDEX ix_shift_staff_id ON shift (staff_id);
CREATE UNIQUE INDEX uq_shift_exception_off ON shift_exception (staff_id, day) WHERE kind = 'off';
CREATE INDEX ix_shift_exception_staff_day ON shift_exception (staff_id, day);
CREATE INDEX ix_staff_session_staff_id ON staff_session (staff_id);
CREATE UNIQUE INDEX uq_audit_entry_seq ON audit_entry (seq);
CREATE INDEX ix_audit_entry_unsealed ON audit_entry (id) WHERE seq IS NULL;
CREATE INDEX ix_audit_entry_at ON audit_entry (at);
CREATE INDEX ix_audit_entry_deed ON audit_entry (deed);
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE INDEX ix_callback_kept ON callback (ended_at) WHERE erased_at IS NULL AND ended_at IS NOT NULL;
CREATE INDEX ix_callback_phone_hash ON callback (phone_hash);
CREATE UNIQUE INDEX uq_callback_in_hand ON callback (claimed_by) WHERE status IN ('claimed', 'calling');
CREATE INDEX ix_callback_queue ON callback (priority, due_at, id) WHERE status = 'waiting';
CREATE UNIQUE INDEX uq_callback_open_number ON callback (phone_hash) WHERE status IN ('waiting', 'claimed', 'calling');
CREATE INDEX ix_passkey_staff_id ON passkey (staff_id);
CREATE INDEX ix_recovery_code_staff_id ON recovery_code (staff_id);
CREATE INDEX ix_sign_in_tries_last_at ON sign_in_tries (last_at);
CREATE INDEX ix_floor_deed_callback_id ON floor_deed (callback_id);
CREATE INDEX ix_floor_deed_at ON floor_deed (at);
CREATE INDEX ix_callback_requested_at ON callback (requested_at, id);
CREATE INDEX ix_callback_ended_at ON callback (ended_at);
CREATE INDEX ix_attempt_created_at ON attempt (created_at);
CREATE INDEX ix_inbound_call_began_at ON inbound_call (began_at);
CREATE INDEX ix_tally_day ON tally (day);
CREATE INDEX ix_care_place_region ON care_place (region);
CREATE INDEX ix_referral_at ON referral (at);
CREATE INDEX ix_ring_phone_hash ON ring (phone_hash, at);
CREATE INDEX ix_ring_at ON ring (at);
CREATE INDEX ix_number_rest_in_force ON number_rest (phone_hash, until) WHERE lifted_at IS NULL;
CREATE INDEX ix_number_rest_until ON number_rest (until);
CREATE INDEX ix_callback_wanted ON callback (wanted_advisor) WHERE status = 'waiting' AND wanted_advisor IS NOT NULL;
CREATE INDEX ix_tombstone_at ON tombstone (at);
CREATE INDEX ix_callback_held ON callback (held_at) WHERE held_at IS NOT NULL;
CREATE INDEX ix_callback_event_actor ON callback_event (actor, at);
CREATE INDEX ix_callback_network ON callback (network_hash, booked_at) WHERE status IN ('waiting', 'claimed', 'calling') AND slot_at IS NOT NULL;
CREATE INDEX ix_callback_network_56 ON callback (network_56_hash, booked_at) WHERE status IN ('waiting', 'claimed', 'calling') AND slot_at IS NOT NULL;
CREATE INDEX ix_callback_network_48 ON callback (network_48_hash, booked_at) WHERE status IN ('waiting', 'claimed', 'calling') AND slot_at IS NOT NULL;
CREATE INDEX ix_set_aside_member_set_aside_id ON set_aside_member (set_aside_id);
CREATE UNIQUE INDEX uq_audit_entry_uid ON audit_entry (uid);
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor OR NEW.deed IS NOT OLD.deed OR NEW.subject IS NOT OLD.subject OR NEW.detail IS NOT OLD.detail OR NEW.uid IS NOT OLD.uid OR NEW.mac IS NOT OLD.mac BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE INDEX ix_text_out_asked ON text_out (looked_at) WHERE status = 'asked';
CREATE INDEX ix_text_out_phone_hash ON text_out (phone_hash, created_at);
CREATE INDEX ix_text_out_under_way ON text_out (heard_at) WHERE status IN ('accepted', 'sent');
CREATE INDEX ix_number_on_line_phone_hash ON number_on_line (phone_hash, until);
CREATE INDEX ix_number_on_line_until ON number_on_line (until);
CREATE INDEX ix_note_draft_advisor_id ON note_draft (advisor_id);
CREATE INDEX ix_attempt_unfinished ON attempt (advisor_id, unfinished_at) WHERE unfinished_at IS NOT NULL;
CREATE INDEX ix_callback_call_until ON callback (call_until) WHERE status = 'waiting' AND call_until IS NOT NULL;
CREATE INDEX ix_text_in_unread ON text_in (received_at) WHERE words IS NOT NULL;
CREATE UNIQUE INDEX uq_staff_phone_hash ON staff (phone_hash);
CREATE INDEX ix_carrier_failure_code ON carrier_failure (code, at);
CREATE INDEX ix_text_out_sent_by ON text_out (sent_by, created_at) WHERE sent_by IS NOT NULL;
COMMIT;
