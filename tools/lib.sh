# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tools share; each sources it first. It stands at the top of the source tree afterwards.

top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$top" || exit 1
export LC_ALL=C.UTF-8

# packages build|check|programs: what building needs, what only testing needs, and whose shared
# memory is looked at by tests/programs.
packages() {
	case $1 in
	build)
		echo gcc libc6-dev meson ninja-build pkg-config libfuse3-dev fuse3 liburing-dev \
			libnuma-dev libjson-c-dev libdw-dev libelf-dev zlib1g-dev libzstd-dev libsmartcols-dev dpkg-dev patch debian-archive-keyring
		;;
	programs)
		echo postgresql sqlite3 openjdk-17-jdk-headless python3 lmdb-utils liblmdb-dev libboost-dev \
			nginx apache2-bin curl procps
		;;
	check) echo dwz g++ libcmocka-dev clang clang-format clang-tidy shellcheck bsdextrautils acl attr jq ;;
	esac
}

say() {
	printf '%s\n' "${0##*/}: $*"
}

die() {
	printf '%s\n' "${0##*/}: $*" >&2
	exit 1
}

# missing_packages GROUP...: those that aren't installed, a line each.
missing_packages() {
	local package group

	command -v dpkg-query >/dev/null || { say "no dpkg here; assuming that all is installed" >&2 && return; }
	for group; do
		for package in $(packages "$group"); do
			[[ $(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
				echo "$package"
		done
	done
}

install_packages() {
	say "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	apt_get update -qq || say "apt-get update: not every source answered; trying with what there is"
	apt_get install -qq -y --no-install-recommends "$@" >/dev/null
}

# need_packages GROUP...: installs those that are missing. Silent, and needs no root, when none is.
need_packages() {
	local missing
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]})) || return 0
	((EUID == 0)) ||
		die "missing packages, which only root can install: sudo apt-get install ${missing[*]}"
	install_packages "${missing[@]}" || die "apt-get could not install ${missing[*]}"
}

# want_packages GROUP: the same for what can be done without: says what is missing, and goes on. Of
# the servers among them none is started, neither now nor at the next boot.
want_packages() {
	local missing service policy=/usr/sbin/policy-rc.d
	local cluster=/etc/postgresql-common/createcluster.d/peekfs.conf
	mapfile -t missing < <(missing_packages "$1")
	((${#missing[@]})) || return 0
	((EUID == 0)) || { say "their tests are skipped, they aren't installed: ${missing[*]}" && return; }
	if [[ -e $policy ]]; then policy=; else
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
	fi
	mkdir -p "${cluster%/*}" && echo 'create_main_cluster = false' >"$cluster"
	install_packages "${missing[@]}" ||
		say "not all could be installed, their tests are skipped: $(missing_packages "$1" | xargs)"
	rm -f "$cluster" ${policy:+"$policy"}
	for service in nginx postgresql; do
		[[ " ${missing[*]} " != *" $service "* ]] || systemctl -q disable $service 2>/dev/null || true
	done
}

apt_get() {
	apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

# Root may build in somebody's tree; what it leaves there is theirs, or they could not build again.
give_back() {
	local owner
	owner=$(stat -c %u:%g .)
	((EUID)) || [[ $owner == 0:0 ]] || chown -Rh --from=0 "$owner" build* 2>/dev/null || true
}

# configure DIR [MESON-ARGUMENT...]: makes or updates a build folder; starts it anew when it is
# broken, as an interrupted set-up leaves it. build/deps stays.
configure() {
	local dir=$1 log
	shift
	mkdir -p "$dir"
	log=$dir/configure.log
	if [[ -f $dir/meson-private/coredata.dat ]]; then
		meson setup --reconfigure "$dir" "$@" >"$log" 2>&1 && return
		find "$dir" -mindepth 1 -maxdepth 1 ! -name deps ! -name configure.log -exec rm -rf {} +
	fi
	meson setup "$dir" "$@" >"$log" 2>&1 || { tail -n 20 "$log" && return 1; }
}
