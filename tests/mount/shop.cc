// SPDX-License-Identifier: MIT
// Pointers into a region whose types have namespaces, arguments, and names that others have too.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace shop
{
struct item {
	int32_t price;
	char name[12];
};
template <typename T, int N> struct ring {
	std::atomic<uint32_t> head;
	T items[N];
};
} // namespace shop
namespace store
{
struct item {
	double weight;
};
} // namespace store

shop::ring<shop::item, 4> *sold;
static shop::ring<unsigned int, 2> *counts;
static store::item *heaviest;

int main(int, char **argv)
{
	int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	char line[64];

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return 1;
	char *map =
		static_cast<char *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	sold = reinterpret_cast<decltype(sold)>(map);
	counts = reinterpret_cast<decltype(counts)>(map + 1024);
	heaviest = reinterpret_cast<store::item *>(map + 2048);
	sold->items[1] = {5, "pear"};
	counts->items[1] = 9;
	heaviest->weight = 2.5;
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && line[0] != 'e')
		;
	return static_cast<int>(sold->head + counts->head + (heaviest->weight > 3));
}
