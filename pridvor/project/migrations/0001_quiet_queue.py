from django.db import migrations

# Commits that notify take one global lock and hold it through the flush, so that all enqueuing would wait for one
# another. Workers poll instead.
TRIGGERS = ("procrastinate_jobs_notify_queue_job_inserted_v1", "procrastinate_jobs_notify_queue_job_aborted_v1")


class Migration(migrations.Migration):
    dependencies = [("procrastinate", "0041_post_retry_failed_job")]
    operations = [
        migrations.RunSQL(
            "".join(f"alter table procrastinate_jobs disable trigger {name};" for name in TRIGGERS),
            "".join(f"alter table procrastinate_jobs enable trigger {name};" for name in TRIGGERS),
        )
    ]
