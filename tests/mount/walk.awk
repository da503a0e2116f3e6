# SPDX-License-Identifier: MIT
# The shared mappings in lines of /proc/*/maps, one a line: PID START-END PERM OFFSET IDENTITY.
# A SysV segment's identity is its shmid; the path tells it from other memory of device 00:01.
function decimal(hex, i, n) {
	for (i = 1; i <= length(hex); i++)
		n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return n
}
function bare(hex) { sub(/^0+/, "", hex); return hex == "" ? "0" : hex }
{
	pid = $1
	split($5, device, ":")
	if ($7 ~ /^\/SYSV[0-9a-f]+$/ && $5 == "00:01")
		identity = "sysv:" $6
	else
		identity = decimal(device[1]) ":" decimal(device[2]) ":" $6
	split($2, range, "-")
	print pid, bare(range[1]) "-" bare(range[2]), $3, bare($4), identity
}
