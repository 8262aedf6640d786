-- What is to be made: one row a key, for ever revivable.
create table jobs (
    key text primary key,
    generator text not null,
    brief text not null,
    spec text not null,
    deadline real not null,
    priority integer not null,
    created real not null,
    status text not null check (status in ('waiting', 'running', 'done', 'failed', 'expired')),
    attempts integer not null default 0,
    take integer not null default 0,
    progress real not null default 0,
    error text not null default '',
    worker text not null default '',
    lease real not null default 0,
    boot text not null default '',
    settled real not null default 0
) strict;
create index jobs_waiting on jobs (generator, priority desc, created desc) where status = 'waiting';
create index jobs_deadline on jobs (deadline) where status = 'waiting';
create index jobs_running on jobs (lease) where status = 'running';
create index jobs_created on jobs (created);
create index jobs_status on jobs (status, settled);

-- When each generator started a job, for its limit a minute; rows live for that minute.
create table starts (
    generator text not null,
    time real not null
) strict;
create index starts_time on starts (time);

-- Files that are being written; `serve` follows the open ones.
create table drafts (
    key text not null,
    take integer not null,
    topic text not null,
    opened real not null,
    state text not null check (state in ('open', 'done', 'aborted')),
    primary key (key, take)
) strict;
create index drafts_opened on drafts (opened);

-- What has been made. The path follows from key and take; `used` orders eviction.
create table clips (
    key text not null,
    take integer not null,
    topic text not null,
    generator text not null,
    sha256 text not null,
    seconds real not null,
    size integer not null,
    scores text not null,
    made real not null,
    used real not null,
    primary key (key, take)
) strict;
create index clips_topic on clips (topic, made);
create index clips_made on clips (made);
create index clips_used on clips (used, size);

-- Why something should be on the screen. `number` is the order in which they were opened.
create table moments (
    number integer primary key autoincrement,
    id text not null unique,
    boot text not null,
    cause text not null,
    brief text not null,
    wishes text not null,
    seen real not null,
    opened real not null,
    expires real not null
) strict;
create index moments_live on moments (boot, expires);
create index moments_expires on moments (expires);
create index moments_opened on moments (opened);

-- Which keys a moment keeps wanted: its wishes and its jobs.
create table moment_keys (
    moment text not null references moments (id) on delete cascade,
    key text not null,
    primary key (moment, key)
) strict, without rowid;
create index moment_keys_key on moment_keys (key);

-- Proof of play. `ended` is 0 until its screen says so; `replaced` is when the next play of that screen
-- started, so that a screen which reloaded in the middle does not play its old clip for ever.
create table plays (
    number integer primary key autoincrement,
    id text not null unique,
    screen text not null,
    key text not null,
    take integer not null,
    rung text not null,
    moment text not null,
    cause text not null,
    boot text not null,
    seen real not null,
    started real not null,
    ended real not null default 0,
    replaced real not null default 0
) strict;
create index plays_running on plays (screen, started) where ended = 0 and replaced = 0;
create index plays_moment on plays (moment, key, take, ended);
create index plays_started on plays (started);

-- The operator's live settings: at most one row.
create table dials (
    id integer primary key check (id = 1),
    value text not null
) strict;
