"""A build back end that knows the name and version of one archive and builds nothing."""

import os


class _Metadata:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        name, version = os.environ["HEADRACE_PROJECT"], os.environ["HEADRACE_VERSION"]
        folder = "%s-%s.dist-info" % (name, version)
        os.mkdir(os.path.join(metadata_directory, folder))
        with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as file:
            file.write("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version))
        return folder


__legacy__ = _Metadata
get_requires_for_build_wheel = _Metadata.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = _Metadata.prepare_metadata_for_build_wheel
