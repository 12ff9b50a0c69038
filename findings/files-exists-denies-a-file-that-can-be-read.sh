#!/usr/bin/env bash
# With a capability instead of root's user id, Files.exists says false of a file that the same process reads.
#
# One would guess: Files.exists(p), Files.exists(p, NOFOLLOW_LINKS), File.exists() and opening the file agree; what can be read exists.
# What happens: Files.exists without options, Files.isReadable and isWritable ask access(2), which judges by the real user and, where that is
#   not root, without the effective capabilities. open and stat do use them. So where a process that is not root passes a closed
#   directory by CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH (ambient capabilities: systemd's AmbientCapabilities=, setpriv, containers
#   that run as a user with added capabilities), Files.exists denies what Files.readString returns. With NOFOLLOW_LINKS the
#   JDK asks stat, and says true, as File.exists and Files.isRegularFile do.
# Source: access(2), notes; the Javadoc of Files.exists says only that false means "does not exist or its existence cannot be
#   determined". Seen with OpenJDK 17.0.15 and Temurin 25.0.3 on Linux, 2026-12-01.
# Why it matters to pools: a parent that looks before each start whether its socket and argument file are still there took them
#   for removed each time, and removed the directory under a worker that was just starting.
set -euo pipefail
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
if [[ $(id -u) != 0 ]] || ! command -v setpriv >/dev/null; then
    echo "NOT SHOWN: this needs root, who may give up that id and keep the capability, and setpriv" >&2
    exit 2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir -m 700 "$folder/closed"
echo content >"$folder/closed/file"
cat >"$folder/Exists.java" <<'JAVA'
import java.nio.file.*;

public class Exists {
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        System.out.println("exists " + Files.exists(file) + ", without following links " + Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                + ", isRegularFile " + Files.isRegularFile(file) + ", isReadable " + Files.isReadable(file)
                + ", File.exists " + file.toFile().exists() + ", read: " + Files.readString(file).trim());
    }
}
JAVA
"${bin}java" -version 2>&1 | head -n 1
"${bin}javac" -d "$folder" "$folder/Exists.java"
out=$(setpriv --reuid 12345 --clear-groups --inh-caps +dac_override --ambient-caps +dac_override \
    "${bin}java" -cp "$folder" Exists "$folder/closed/file")
echo "$out"
wanted='exists false, without following links true, isRegularFile true, isReadable false, File.exists true, read: content'
[[ "$out" == "$wanted" ]] || { echo "CHANGED; was: $wanted" >&2; exit 1; }
