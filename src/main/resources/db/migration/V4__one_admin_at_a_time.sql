-- Redis' lock keeps admins out of each other's way, and may run out on whoever was held up. This keeps their changes apart.

create table sale_fences (
    sale_id   text collate "C" primary key,
    token     bigint      not null,
    holder    text        not null,
    operation text        not null,
    since     timestamptz not null default clock_timestamp()
);
comment on table sale_fences is 'Which operation may change a sale: the one that claimed it last. Every transaction of an operation requires that this is still itself.';
comment on column sale_fences.sale_id is 'refers to nothing: the operation that creates a sale claims it first';
comment on column sale_fences.token is 'only grows; not Redis'' own, because Redis may forget';
comment on column sale_fences.holder is 'the actor, as in admin_actions';
comment on column sale_fences.operation is 'the action, as in admin_actions';
