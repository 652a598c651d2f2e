#!/bin/bash
# Makes a machine of this process, which has namespaces of its own: machine.sh NAME DIRECTORY SHARED SCRIPTS CHECKOUT
# Its root is made in DIRECTORY: all directories of this machine, but its own of those that a machine writes to. SHARED
# becomes /shared. SCRIPTS has what stands for systemctl. CHECKOUT is there in any case.
set -euo pipefail
name=$1 root=$2/root shared=$3 scripts=$4 checkout=$5

hostname "$name"
mount --make-rprivate /
mkdir -p "$root"
mount -t tmpfs -o mode=755 machine "$root"
for entry in /*; do
	case $entry in
	/etc | /mnt | /proc | /run | /sys | /tmp | /var | /shared | /lost+found) continue ;;
	esac
	if [ -L "$entry" ]; then
		cp -P "$entry" "$root$entry"
	elif [ -d "$entry" ]; then
		mkdir "$root$entry"
		mount --rbind "$entry" "$root$entry"
	fi
done
cp -a /etc "$root/etc"
echo "$name" >"$root/etc/hostname"
cd "$root"
mkdir -p proc run/lock shared sys tmp var/lib var/log var/tmp was
chmod 1777 tmp var/tmp
mount -t proc proc proc
mount --rbind /sys sys
mount --bind "$shared" shared
mount -t tmpfs -o mode=755 machine usr/local/bin
# A checkout that lies where a machine has a directory of its own, such as /tmp, is not there yet.
if [ ! -e ".$checkout/go.mod" ]; then
	mkdir -p ".$checkout"
	mount --bind "$checkout" ".$checkout"
fi
install -m 755 "$scripts/systemctl.sh" usr/local/bin/systemctl
pivot_root . was
umount -l /was

ip link set lo up
echo "$$" >"/var/lib/machine" # it is up
# This is process 1 of its machine, and takes the ends of those who have no parent any more.
sleep infinity &
while :; do wait || :; done
