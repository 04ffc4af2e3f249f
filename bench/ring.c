/*
 * A plain split virtqueue, both sides in one thread: the peer of bench/ring.ts.
 *
 * Written from VIRTIO 1.4, 2.7. It does what a ring must do and nothing else: the driver keeps its free
 * list in an array of its own, the device follows chains without checking them, event indexes decide
 * about notifications, with the order of accesses that two processors need: acquire and release for
 * indexes, a full fence before an event index is looked at, as Linux and QEMU have.
 *
 * Reads commands from standard input, one a line: PARTS INDIRECT BATCH OPERATIONS. Answers each with
 * NANOSECONDS CHECKSUM.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIZE 256
#define MASK (SIZE - 1)
#define PARTS_MAX 4
#define RAM_SIZE (1u << 23)
#define RAM_BASE 0x40000000ull

#define DESC_F_NEXT 1
#define DESC_F_WRITE 2
#define DESC_F_INDIRECT 4

struct desc {
  uint64_t addr;
  uint32_t len;
  uint16_t flags;
  uint16_t next;
};

struct avail {
  uint16_t flags;
  uint16_t idx;
  uint16_t ring[SIZE];
  uint16_t used_event;
};

struct used_elem {
  uint32_t id;
  uint32_t len;
};

struct used {
  uint16_t flags;
  uint16_t idx;
  struct used_elem ring[SIZE];
  uint16_t avail_event;
};

/* What the two sides share. */
static unsigned char ram[RAM_SIZE] __attribute__((aligned(4096)));
static struct desc *desc;
static struct avail *avail;
static struct used *used;

struct part {
  uint64_t addr;
  uint32_t len;
};

static struct {
  uint16_t free_head, num_free, avail_idx, last_used, num_added;
  uint16_t next[SIZE], count[SIZE];
  void *data[SIZE];
  struct desc *table[SIZE];
  struct desc *spare[SIZE];
  int spares;
  int indirect;
  uint64_t kicks;
} driver;

struct segments {
  uint32_t count, length;
  uint32_t offset[PARTS_MAX], len[PARTS_MAX];
};

struct element {
  uint16_t head;
  struct segments out, in;
};

static struct {
  uint16_t last_avail, shadow_avail, used_idx, signalled;
  int signalled_valid;
  uint64_t interrupts;
} device;

static uint16_t load(const uint16_t *at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
static void store(uint16_t *at, uint16_t value) { __atomic_store_n(at, value, __ATOMIC_RELEASE); }

static void fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/* Whether moving an index from `old` to `now` passed the entry that the other side waits for. */
static int need_event(uint16_t event, uint16_t now, uint16_t old) {
  return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

static void reset(int indirect) {
  memset(ram, 0, sizeof ram);
  memset(&driver, 0, sizeof driver);
  memset(&device, 0, sizeof device);
  desc = (struct desc *)ram;
  avail = (struct avail *)(ram + SIZE * sizeof(struct desc));
  used = (struct used *)(ram + 8192);
  driver.num_free = SIZE;
  driver.indirect = indirect;
  for (int i = 0; i < SIZE; i++) driver.next[i] = i + 1;
  for (int i = 0; i < SIZE; i++) {
    driver.spare[i] = (struct desc *)(ram + 16384 + i * PARTS_MAX * sizeof(struct desc));
  }
  driver.spares = SIZE;
}

/* Driver */

static void describe(struct desc *d, const struct part *part, uint16_t flags, uint16_t next) {
  d->addr = part->addr;
  d->len = part->len;
  d->flags = flags;
  d->next = next;
}

static int add(const struct part *parts, int out, int in, void *data) {
  int total = out + in;
  int indirect = driver.indirect && total > 1;
  int needed = indirect ? 1 : total;
  if (driver.num_free < needed) return -1;
  uint16_t head = driver.free_head, at = head;
  struct desc *table = indirect ? driver.spare[--driver.spares] : desc;
  for (int i = 0; i < total; i++) {
    uint16_t flags = (i < out ? 0 : DESC_F_WRITE) | (i + 1 < total ? DESC_F_NEXT : 0);
    uint16_t next = indirect ? i + 1 : driver.next[at];
    describe(&table[indirect ? i : at], &parts[i], flags, next);
    at = next;
  }
  if (indirect) {
    struct part whole = {RAM_BASE + (uint64_t)((unsigned char *)table - ram), total * sizeof(struct desc)};
    describe(&desc[head], &whole, DESC_F_INDIRECT, 0);
    driver.table[head] = table;
    at = driver.next[head];
  }
  driver.free_head = at;
  driver.num_free -= needed;
  driver.count[head] = needed;
  driver.data[head] = data;
  avail->ring[driver.avail_idx & MASK] = head;
  store(&avail->idx, ++driver.avail_idx);
  driver.num_added++;
  return 0;
}

static void kick(void) {
  uint16_t old = driver.avail_idx - driver.num_added;
  driver.num_added = 0;
  fence();
  if (need_event(load(&used->avail_event), driver.avail_idx, old)) driver.kicks++;
}

static void *get_buf(uint32_t *len) {
  if (driver.last_used == load(&used->idx)) return NULL;
  struct used_elem *elem = &used->ring[driver.last_used & MASK];
  uint32_t head = elem->id;
  if (head >= SIZE) return NULL;
  void *data = driver.data[head];
  if (data == NULL) return NULL;
  *len = elem->len;
  uint16_t last = head;
  for (int i = 1; i < driver.count[head]; i++) last = driver.next[last];
  driver.next[last] = driver.free_head;
  driver.free_head = head;
  driver.num_free += driver.count[head];
  driver.data[head] = NULL;
  if (driver.table[head] != NULL) {
    driver.spare[driver.spares++] = driver.table[head];
    driver.table[head] = NULL;
  }
  store(&avail->used_event, ++driver.last_used);
  fence();
  return data;
}

/* Device */

static int pop(struct element *element) {
  uint16_t last = device.last_avail;
  if (device.shadow_avail == last) {
    device.shadow_avail = load(&avail->idx);
    if (device.shadow_avail == last) return 0;
  }
  uint16_t head = avail->ring[last & MASK];
  device.last_avail = last + 1;
  store(&used->avail_event, device.last_avail);
  element->head = head;
  element->out.count = element->out.length = 0;
  element->in.count = element->in.length = 0;
  const struct desc *table = desc, *d = &desc[head];
  if (d->flags & DESC_F_INDIRECT) {
    table = (const struct desc *)(ram + (d->addr - RAM_BASE));
    d = table;
  }
  for (;;) {
    struct segments *segments = d->flags & DESC_F_WRITE ? &element->in : &element->out;
    segments->offset[segments->count] = d->addr - RAM_BASE;
    segments->len[segments->count++] = d->len;
    segments->length += d->len;
    if (!(d->flags & DESC_F_NEXT)) return 1;
    d = &table[d->next];
  }
}

static void push(const struct element *element, uint32_t written) {
  struct used_elem *elem = &used->ring[device.used_idx & MASK];
  elem->id = element->head;
  elem->len = written;
  store(&used->idx, ++device.used_idx);
}

static void signal_driver(void) {
  int valid = device.signalled_valid;
  uint16_t old = device.signalled;
  device.signalled_valid = 1;
  fence();
  device.signalled = device.used_idx;
  if (!valid || need_event(load(&avail->used_event), device.used_idx, old)) device.interrupts++;
}

/* The work: the same, step by step, as run() in ring.ts. */

static uint64_t run(int parts_count, int batch, long operations) {
  static int tokens[SIZE];
  const struct part parts[PARTS_MAX] = {
    {RAM_BASE + 0x480000, 16}, {RAM_BASE + 0x490000, 512}, {RAM_BASE + 0x4a0000, 1},
  };
  struct element element;
  uint64_t sum = 0;
  for (int i = 0; i < SIZE; i++) tokens[i] = i;
  for (long done = 0; done < operations; done += batch) {
    for (int i = 0; i < batch; i++) add(parts, 1, parts_count - 1, &tokens[i]);
    kick();
    while (pop(&element)) {
      sum += element.out.length + element.out.offset[0] % 7;
      push(&element, element.in.length);
    }
    signal_driver();
    uint32_t len;
    for (int *token; (token = get_buf(&len)) != NULL;) sum += *token + len;
  }
  return sum + driver.kicks + device.interrupts;
}

int main(void) {
  int parts, indirect, batch;
  long operations;
  while (scanf("%d %d %d %ld", &parts, &indirect, &batch, &operations) == 4) {
    struct timespec from, to;
    reset(indirect);
    clock_gettime(CLOCK_MONOTONIC, &from);
    uint64_t sum = run(parts, batch, operations);
    clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t ns = (to.tv_sec - from.tv_sec) * 1000000000ll + (to.tv_nsec - from.tv_nsec);
    printf("%" PRId64 " %" PRIu64 "\n", ns, sum);
    fflush(stdout);
  }
  return 0;
}
