-- For the sweep, which every design with counters needs.
create index reservations_due on reservations (expires_at) where state = 'held';
