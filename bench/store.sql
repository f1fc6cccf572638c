-- The store at scale, by sets: :products products in :leaves categories, as many orders twice over, four items an order, four reviews a product.
-- Every number is a function of the row's own, so that the data is the same on every machine.
insert into categories (id, name, slug) overriding system value
select n, 'Shelf ' || n, 'shelf-' || n from generate_series(1, 8) n;

insert into categories (id, name, slug, parent_id) overriding system value
select 8 + n, 'Category ' || n, 'category-' || n, 1 + n % 8 from generate_series(1, :leaves) n;

insert into customers (id, email, name, birthday, created_at)
select ('c0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'customer.' || n || '@example.com', 'Zoë Customer ' || n,
  case when n % 3 > 0 then date '1960-01-01' + n % 15000 end, timestamptz '2026-01-01' + n % 300 * interval '1 day'
from generate_series(1, :customers) n;

insert into products (id, sku, name, description, status, price, cost, stock, weight, attributes, tags, category_id, created_at)
  overriding system value
select n, 'SKU-' || lpad(n::text, 6, '0'), (array['Oslo', 'Birk', 'Isla', 'Juno'])[1 + n % 4] || ' Walnut Writing Desk ' || n,
  'Writing desk in walnut; olive. Made to be repaired. Ships in "plain" cardboard. Each piece differs a little from number ' || n || '. Designed for small rooms.',
  (array['active', 'active', 'active', 'active', 'draft', 'active', 'active', 'active', 'active', 'retired'])[1 + n / :leaves % 10]::product_status,
  20 + (n::bigint * 7919 % 90000) / 100.0, 10, n % 120, case when n % 5 > 0 then (n % 400) / 10.0 end,
  jsonb_build_object('colour', 'olive', 'width', n % 170), array['new', 'gift'], 9 + (n - 1) % :leaves, timestamptz '2026-01-01' + n * interval '1 minute'
from generate_series(1, :products) n;

create temporary table line as
select o as number, line, 1 + ((o::bigint * 4 + line) * 7919 % :products)::int as product_id, 1 + (o + line) % 3 as quantity
from generate_series(1, 2 * :products) o, generate_series(1, 4) line;

insert into orders (id, customer_id, status, total, note, placed_at, shipped_at)
select ('d0000000-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
  ('c0000000-0000-4000-8000-' || lpad(to_hex(1 + (number::bigint * 7 % :customers)::int), 12, '0'))::uuid,
  case when number % 3 > 0 then 'shipped' else 'placed' end::order_status, sum(line.quantity * price), case when number % 10 = 0 then 'Ring twice.' end,
  timestamptz '2026-01-01' + number * interval '4 minutes', case when number % 3 > 0 then timestamptz '2026-01-03' + number * interval '4 minutes' end
from line join products on products.id = product_id group by number order by number;

insert into order_items (order_id, line, product_id, quantity, price)
select ('d0000000-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, line, product_id, quantity, price
from line join products on products.id = product_id order by number, line;

insert into reviews (customer_id, product_id, rating, body, created_at)
select ('c0000000-0000-4000-8000-' || lpad(to_hex(1 + (n::bigint * 7501 % (:customers - 8))::int), 12, '0'))::uuid, 1 + (n - 1) % :products, 1 + n % 5,
  'Lovely material, though the parcel was late.', timestamptz '2026-01-01' + n * interval '1 minute'
from generate_series(1, 4 * :products) n
on conflict do nothing;

select setval(pg_get_serial_sequence('categories', 'id'), (select max(id) from categories)),
  setval(pg_get_serial_sequence('products', 'id'), (select max(id) from products));

-- What a team that sells from such lists would have. Without it, a sort in PostgreSQL would be most of what is measured.
create index products_category_price on products (category_id, price, id);
