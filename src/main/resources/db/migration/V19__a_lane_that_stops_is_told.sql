-- A node that follows this table by asking goes on for up to a second after a lane has stopped. Nodes that listen hear of it when it is
-- committed. The recorder's updates set neither column, so they do not come here.

create function tell_of_lane() returns trigger
    language plpgsql
    set search_path = pg_catalog
as
$$
begin
    perform pg_notify('holdfast_lane', new.sale_id);
    return null;
end
$$;
comment on function tell_of_lane is 'Tells all nodes that listen which sale has a lane in another state.';

create trigger lane_is_told
    after update of state, epoch
    on lanes
    for each row
    when (old.state is distinct from new.state or old.epoch is distinct from new.epoch)
execute function tell_of_lane();
