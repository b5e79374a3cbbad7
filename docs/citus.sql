-- Spreads Waybill's tables over the servers of a Citus cluster. Run it on the coordinator in Waybill's
-- database, after one node has made the tables and before others are started; and again after an
-- upgrade that brings new tables. What is spread already stays as it is.
--
-- Every table that has a shard is spread by it; all are colocated, so that what belongs to one
-- organization is on one server. The small tables without one stay on the coordinator.
SELECT create_distributed_table(pg_class.oid::regclass::text, 'shard', colocate_with => 'default')
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'shard' AND NOT attisdropped
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = pg_class.oid)
ORDER BY relname;
