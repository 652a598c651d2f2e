"""Writes years as Roman numerals, with a package that only the archive has, on the driver and on executors."""

import roman
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

spark = SparkSession.builder.appName("numerals").getOrCreate()
print("driver:", roman.toRoman(2024))


@f.udf("string")
def numeral(year):
    import roman  # on the executor

    return roman.toRoman(year)


years = spark.createDataFrame([(1066,), (1492,), (1969,), (2024,)], ["year"]).repartition(2)
for row in years.withColumn("numeral", numeral("year")).orderBy("year").collect():
    print(row["year"], row["numeral"])
spark.stop()
