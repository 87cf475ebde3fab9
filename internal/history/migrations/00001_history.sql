-- One text for SQLite and PostgreSQL. Times are milliseconds of Unix time. Runs are counted in the order in which
-- they were recorded, whatever their clocks said.

-- +goose Up
create table sequence (
	run integer not null -- the last run; whoever records holds this row, so one run is recorded after the other
);
insert into sequence (run) values (0);

create table job (
	id   integer primary key,
	name text not null unique
);

create table run (
	id       integer primary key, -- from sequence
	job      integer not null,
	started  bigint  not null,
	finished bigint  not null,
	every    bigint  not null, -- milliseconds between scheduled runs; 0: not scheduled
	head     text    not null  -- JSON: tool, run, the counts of the summary
);
create index run_job on run (job, id);

create table device (
	id     integer primary key,
	job    integer not null,
	name   text    not null, -- in the last run that had it
	udi    text    not null, -- of the unit that answered last; empty: not known
	place  integer not null, -- in that run
	last   integer not null, -- that run
	moving text    not null  -- JSON: what is kept of the last run only
);
create index device_job on device (job, name);

create table part (
	id   integer primary key,
	name text not null unique
);

create table detail (
	hash bigint primary key, -- of what makes it
	body text not null       -- JSON
);

create table span ( -- a part of a device has a value from one run to another
	device  integer not null,
	part    integer not null,
	first   integer not null, -- the run that saw it first
	until   integer,          -- the run that saw it no more; null: it is still so
	rank    integer not null, -- 0 fine, 1 not known, 2 warning, 3 fault
	value   bigint  not null, -- detail
	summary bigint,           -- detail: how it was put into words when it began; null: it is not
	primary key (device, part, first)
);
create index span_until on span (until) where until is not null;
create index span_rank on span (part) where rank > 0;

create table note (
	job  integer not null,
	name text    not null,
	at   bigint  not null,
	primary key (job, name)
);

-- +goose Down
drop table note;
drop table span;
drop table detail;
drop table part;
drop table device;
drop table run;
drop table job;
drop table sequence;
