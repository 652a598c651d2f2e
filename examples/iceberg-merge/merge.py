"""Keeps a stock list in an Iceberg table: merges a day's changes into it, and looks back at the day before.

    spark-submit --packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.5.2 merge.py WAREHOUSE
"""

import sys

from pyspark.sql import SparkSession

spark = (SparkSession.builder.appName("iceberg merge")
         .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
         .config("spark.sql.catalog.shop", "org.apache.iceberg.spark.SparkCatalog")
         .config("spark.sql.catalog.shop.type", "hadoop")
         .config("spark.sql.catalog.shop.warehouse", sys.argv[1])
         .getOrCreate())


def show(title, rows):
    print(title)
    for row in rows.orderBy("item").collect():
        print(f"  {row['item']:6} {row['amount']:3}")


spark.sql("CREATE TABLE shop.stock (item string, amount int) USING iceberg")
spark.sql("INSERT INTO shop.stock VALUES ('apple', 10), ('banana', 5), ('cherry', 7)")
monday = spark.sql("SELECT snapshot_id FROM shop.stock.snapshots ORDER BY committed_at DESC LIMIT 1").first()["snapshot_id"]
spark.createDataFrame([("apple", 4, "change"), ("banana", 0, "remove"), ("date", 12, "new")], ["item", "amount", "kind"]).createOrReplaceTempView("changes")
spark.sql("""
    MERGE INTO shop.stock AS s USING changes AS c ON s.item = c.item
    WHEN MATCHED AND c.kind = 'remove' THEN DELETE
    WHEN MATCHED THEN UPDATE SET s.amount = s.amount + c.amount
    WHEN NOT MATCHED THEN INSERT (item, amount) VALUES (c.item, c.amount)""")
show("today", spark.table("shop.stock"))
show("the day before", spark.sql(f"SELECT * FROM shop.stock VERSION AS OF {monday}"))
spark.stop()
