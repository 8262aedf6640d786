-- What a program asked for in its own words stays with its job, as JSON; null: the brief alone says it all.
-- `reached` is the furthest that any attempt came since the job was last wished anew, 0..1.
alter table jobs add column request text;
alter table jobs add column reached real not null default 0;
create index jobs_picture on jobs (json_extract(request, '$.picture')) where request is not null;

-- Whether a program asked for the clip in its own words: no screen shows it for its topic's sake.
alter table clips add column requested integer not null default 0;

-- Films that programs asked for by the API. `number` is the order in which they were placed.
create table orders (
    number integer primary key autoincrement,
    id text not null unique,
    key text not null,
    model text not null,
    prompt text not null,
    width integer not null,
    height integer not null,
    seconds real not null,
    created real not null,
    expires real not null
) strict;
create index orders_key on orders (key, expires);
create index orders_expires on orders (expires, key);
