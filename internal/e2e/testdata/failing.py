"""Fails as users' programs do.

    spark-submit failing.py module|denied
"""

import sys

from pyspark.sql import SparkSession

# What S3A says when a bucket refuses.
DENIED = (
    "java.nio.file.AccessDeniedException: s3a://bucket/key: getFileStatus on s3a://bucket/key: "
    "com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403; "
    "Error Code: 403 Forbidden; Request ID: 1)"
)

if __name__ == "__main__":
    spark = SparkSession.builder.appName("failing").getOrCreate()
    if sys.argv[1] == "module":
        import modulethatnobodyhas  # noqa: F401
    raise RuntimeError(DENIED)
