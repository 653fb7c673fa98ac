from django.db import migrations

from pridvor.lib.ledger import append_only

NEVER_BACKWARDS = """
create function attempt_rank(status text) returns int language sql immutable as $$
  select case status when 'waiting' then 0 when 'open' then 1 when 'held' then 1 else 2 end
$$;
create function refuse_backwards() returns trigger language plpgsql as $$
begin
  if attempt_rank(new.status) < attempt_rank(old.status)
     or attempt_rank(old.status) = 2 and new.status <> old.status and not (old.status = 'skipped' and new.status = 'cancelled') then
    raise exception 'attempt % of % cannot go from % to %', old.number, old.key, old.status, new.status
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger attempt_never_backwards before update of status on cases_attempt for each row execute function refuse_backwards();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        append_only("cases_event"),
        append_only("cases_answer"),
        migrations.RunSQL(NEVER_BACKWARDS, migrations.RunSQL.noop),
    ]
