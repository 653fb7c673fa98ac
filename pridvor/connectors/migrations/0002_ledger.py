from django.db import migrations

CLOSED_ONCE = """
create function refuse_rewritten_try() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and (new.call_id, new.number, new.started_at, new.request)
     = (old.call_id, old.number, old.started_at, old.request) then
    return new;
  end if;
  raise exception 'a try is closed once and never changed' using errcode = 'integrity_constraint_violation';
end $$;
create trigger try_closed_once before update or delete on connectors_try for each row execute function refuse_rewritten_try();
create trigger try_no_truncate before truncate on connectors_try for each statement execute function refuse_rewritten_try();
"""


class Migration(migrations.Migration):
    dependencies = [("connectors", "0001_initial")]
    operations = [
        migrations.RunSQL(
            CLOSED_ONCE,
            "drop trigger try_closed_once on connectors_try; drop trigger try_no_truncate on connectors_try; "
            "drop function refuse_rewritten_try();",
        )
    ]
