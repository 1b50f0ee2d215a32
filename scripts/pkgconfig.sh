#!/bin/bash
# Writes rdkafka.pc and rdkafka-static.pc into a folder.
#
#   scripts/pkgconfig.sh FOLDER PREFIX LIBDIR INCLUDEDIR
set -eu
folder=$1 prefix=$2 libdir=$3 includedir=$4
version=2.16.0
private="-lssl -lcrypto -lm -ldl -lpthread -lrt -lgcc_s"
mkdir -p "$folder"
write() { # FILE NAME DESCRIPTION LIBS PRIVATE
    cat >"$folder/$1" <<PC
prefix=$prefix
libdir=$libdir
includedir=$includedir

Name: $2
Description: $3
Version: $version
Cflags: -I\${includedir}
Libs: $4
PC
    [ -z "$5" ] || echo "Libs.private: $5" >>"$folder/$1"
}
write rdkafka.pc librdkafka "The Apache Kafka producer library" \
    "-L\${libdir} -lrdkafka" "$private"
write rdkafka-static.pc librdkafka-static "The Apache Kafka producer library (static)" \
    "\${libdir}/librdkafka.a $private" ""
