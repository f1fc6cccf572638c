/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type BasketLine = {
  productId: number;
  quantity: number;
};

/** What a value is compared with; several comparisons must all hold. */
export type BigIntFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type BooleanFilter = {
  /** equals */
  eq?: boolean | null | undefined;
  /** is one of */
  in?: Array<boolean> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** differs from */
  ne?: boolean | null | undefined;
  /** is none of */
  notIn?: Array<boolean> | null | undefined;
};

/** Which categories to take: every member must hold. */
export type CategoryFilter = {
  /** All of these hold. */
  AND?: Array<CategoryFilter> | null | undefined;
  /** This does not hold. */
  NOT?: CategoryFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<CategoryFilter> | null | undefined;
  children?: CategoryListFilter | null | undefined;
  id?: IntFilter | null | undefined;
  name?: StringFilter | null | undefined;
  parent?: CategoryFilter | null | undefined;
  /** Null at the top of the tree. */
  parentId?: IntFilter | null | undefined;
  products?: ProductListFilter | null | undefined;
  /** The name in addresses. */
  slug?: StringFilter | null | undefined;
};

/** What holds of the related categories. */
export type CategoryListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: CategoryFilter | null | undefined;
  /** None of them matches. */
  none?: CategoryFilter | null | undefined;
  /** One of them matches at least. */
  some?: CategoryFilter | null | undefined;
};

/** What to sort by of the related categories: exactly one member. */
export type CategoryListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

/** What to sort by: exactly one member. */
export type CategoryOrder =
  {   children: CategoryListOrder; id?: never; name?: never; parent?: never; parentId?: never; products?: never; slug?: never; }
  |  { children?: never;   id: OrderDirection; name?: never; parent?: never; parentId?: never; products?: never; slug?: never; }
  |  { children?: never; id?: never;   name: OrderDirection; parent?: never; parentId?: never; products?: never; slug?: never; }
  |  { children?: never; id?: never; name?: never;   parent: CategoryOrder; parentId?: never; products?: never; slug?: never; }
  |  { children?: never; id?: never; name?: never; parent?: never;   /** Null at the top of the tree. */
  parentId: OrderDirection; products?: never; slug?: never; }
  |  { children?: never; id?: never; name?: never; parent?: never; parentId?: never;   products: ProductListOrder; slug?: never; }
  |  { children?: never; id?: never; name?: never; parent?: never; parentId?: never; products?: never;   /** The name in addresses. */
  slug: OrderDirection; };

/** Which collections to take: every member must hold. */
export type CollectionFilter = {
  /** All of these hold. */
  AND?: Array<CollectionFilter> | null | undefined;
  /** This does not hold. */
  NOT?: CollectionFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<CollectionFilter> | null | undefined;
  entries?: CollectionProductListFilter | null | undefined;
  id?: IntFilter | null | undefined;
  name?: StringFilter | null | undefined;
  products?: ProductListFilter | null | undefined;
  /** The name in addresses. */
  slug?: StringFilter | null | undefined;
};

/** What holds of the related collections. */
export type CollectionListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: CollectionFilter | null | undefined;
  /** None of them matches. */
  none?: CollectionFilter | null | undefined;
  /** One of them matches at least. */
  some?: CollectionFilter | null | undefined;
};

/** What to sort by of the related collections: exactly one member. */
export type CollectionListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

/** Which collectionProducts to take: every member must hold. */
export type CollectionProductFilter = {
  /** All of these hold. */
  AND?: Array<CollectionProductFilter> | null | undefined;
  /** This does not hold. */
  NOT?: CollectionProductFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<CollectionProductFilter> | null | undefined;
  collection?: CollectionFilter | null | undefined;
  collectionId?: IntFilter | null | undefined;
  position?: IntFilter | null | undefined;
  product?: ProductFilter | null | undefined;
  productId?: IntFilter | null | undefined;
};

/** What holds of the related collectionProducts. */
export type CollectionProductListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: CollectionProductFilter | null | undefined;
  /** None of them matches. */
  none?: CollectionProductFilter | null | undefined;
  /** One of them matches at least. */
  some?: CollectionProductFilter | null | undefined;
};

/** Which customers to take: every member must hold. */
export type CustomerFilter = {
  /** All of these hold. */
  AND?: Array<CustomerFilter> | null | undefined;
  /** This does not hold. */
  NOT?: CustomerFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<CustomerFilter> | null | undefined;
  birthday?: DateFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  email?: StringFilter | null | undefined;
  id?: UuidFilter | null | undefined;
  name?: StringFilter | null | undefined;
  orders?: OrderListFilter | null | undefined;
  profile?: CustomerProfileFilter | null | undefined;
  reviews?: ReviewListFilter | null | undefined;
};

/** Which customerProfiles to take: every member must hold. */
export type CustomerProfileFilter = {
  /** All of these hold. */
  AND?: Array<CustomerProfileFilter> | null | undefined;
  /** This does not hold. */
  NOT?: CustomerProfileFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<CustomerProfileFilter> | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: UuidFilter | null | undefined;
  /** Whether to write to them about news. */
  newsletter?: BooleanFilter | null | undefined;
  /** Whatever the shop front remembers. */
  preferences?: JsonFilter | null | undefined;
  /** When parcels should arrive. */
  preferredTime?: TimeFilter | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type DateFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type DateTimeFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type DecimalFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type FloatFilter = {
  /** equals */
  eq?: number | null | undefined;
  /** is greater than */
  gt?: number | null | undefined;
  /** is at least */
  gte?: number | null | undefined;
  /** is one of */
  in?: Array<number> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: number | null | undefined;
  /** is at most */
  lte?: number | null | undefined;
  /** differs from */
  ne?: number | null | undefined;
  /** is none of */
  notIn?: Array<number> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type IntFilter = {
  /** equals */
  eq?: number | null | undefined;
  /** is greater than */
  gt?: number | null | undefined;
  /** is at least */
  gte?: number | null | undefined;
  /** is one of */
  in?: Array<number> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: number | null | undefined;
  /** is at most */
  lte?: number | null | undefined;
  /** differs from */
  ne?: number | null | undefined;
  /** is none of */
  notIn?: Array<number> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type JsonFilter = {
  /** contains these members and elements, however deep */
  contains?: unknown;
  /** is an object with this member, or a list with this text */
  hasKey?: string | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** has such a value at a path */
  path?: JsonPathFilter | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type JsonPathFilter = {
  /** the way to the value: names of members, and places of elements from 0 */
  at: Array<string>;
  /** equals */
  eq?: unknown;
  /** is greater than */
  gt?: unknown;
  /** is at least */
  gte?: unknown;
  /** is one of */
  in?: Array<unknown> | null | undefined;
  /** is null or absent, or is neither */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: unknown;
  /** is at most */
  lte?: unknown;
  /** differs from */
  ne?: unknown;
  /** is none of */
  notIn?: Array<unknown> | null | undefined;
};

/** Which way to sort. Without a place, nulls come last in ASC and first in DESC, as in PostgreSQL. */
export type OrderDirection =
  | 'ASC'
  | 'ASC_NULLS_FIRST'
  | 'ASC_NULLS_LAST'
  | 'DESC'
  | 'DESC_NULLS_FIRST'
  | 'DESC_NULLS_LAST';

/** Which orders to take: every member must hold. */
export type OrderFilter = {
  /** All of these hold. */
  AND?: Array<OrderFilter> | null | undefined;
  /** This does not hold. */
  NOT?: OrderFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<OrderFilter> | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: UuidFilter | null | undefined;
  id?: UuidFilter | null | undefined;
  items?: OrderItemListFilter | null | undefined;
  /** For whoever packs it; the customer may change it until the order is shipped. */
  note?: StringFilter | null | undefined;
  placedAt?: DateTimeFilter | null | undefined;
  /** Null until it is shipped. */
  shippedAt?: DateTimeFilter | null | undefined;
  status?: OrderStatusFilter | null | undefined;
  /** The sum of its lines. */
  total?: DecimalFilter | null | undefined;
};

/** Which orderItems to take: every member must hold. */
export type OrderItemFilter = {
  /** All of these hold. */
  AND?: Array<OrderItemFilter> | null | undefined;
  /** This does not hold. */
  NOT?: OrderItemFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<OrderItemFilter> | null | undefined;
  /** Counts from 1 within the order. */
  line?: IntFilter | null | undefined;
  order?: OrderFilter | null | undefined;
  orderId?: UuidFilter | null | undefined;
  /** Of one, on the day of the order. */
  price?: DecimalFilter | null | undefined;
  product?: ProductFilter | null | undefined;
  productId?: IntFilter | null | undefined;
  quantity?: IntFilter | null | undefined;
};

/** What holds of the related orderItems. */
export type OrderItemListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: OrderItemFilter | null | undefined;
  /** None of them matches. */
  none?: OrderItemFilter | null | undefined;
  /** One of them matches at least. */
  some?: OrderItemFilter | null | undefined;
};

/** What to sort by of the related orderItems: exactly one member. */
export type OrderItemListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

/** What holds of the related orders. */
export type OrderListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: OrderFilter | null | undefined;
  /** None of them matches. */
  none?: OrderFilter | null | undefined;
  /** One of them matches at least. */
  some?: OrderFilter | null | undefined;
};

export type OrderStatus =
  | 'cancelled'
  | 'placed'
  | 'shipped';

/** What a value is compared with; several comparisons must all hold. */
export type OrderStatusFilter = {
  /** equals */
  eq?: OrderStatus | null | undefined;
  /** is greater than */
  gt?: OrderStatus | null | undefined;
  /** is at least */
  gte?: OrderStatus | null | undefined;
  /** is one of */
  in?: Array<OrderStatus> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: OrderStatus | null | undefined;
  /** is at most */
  lte?: OrderStatus | null | undefined;
  /** differs from */
  ne?: OrderStatus | null | undefined;
  /** is none of */
  notIn?: Array<OrderStatus> | null | undefined;
};

export type PlaceOrderInput = {
  lines: Array<BasketLine>;
  note?: string | null | undefined;
};

/** Which products to take: every member must hold. */
export type ProductFilter = {
  /** All of these hold. */
  AND?: Array<ProductFilter> | null | undefined;
  /** This does not hold. */
  NOT?: ProductFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<ProductFilter> | null | undefined;
  /** What only some products have, such as colour and size. */
  attributes?: JsonFilter | null | undefined;
  category?: CategoryFilter | null | undefined;
  categoryId?: IntFilter | null | undefined;
  collections?: CollectionListFilter | null | undefined;
  /** What the store pays for one. */
  cost?: DecimalFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  description?: StringFilter | null | undefined;
  id?: IntFilter | null | undefined;
  /** Price less cost. */
  margin?: DecimalFilter | null | undefined;
  name?: StringFilter | null | undefined;
  orderItems?: OrderItemListFilter | null | undefined;
  /** What a customer pays for one. */
  price?: DecimalFilter | null | undefined;
  /** The mean of all reviews; null before the first. */
  rating?: DecimalFilter | null | undefined;
  reviews?: ReviewListFilter | null | undefined;
  /** The number on the shelf: three letters, a hyphen, four digits. */
  sku?: StringFilter | null | undefined;
  status?: ProductStatusFilter | null | undefined;
  /** How many can be ordered now. */
  stock?: IntFilter | null | undefined;
  stockMovements?: StockMovementListFilter | null | undefined;
  tags?: StringListFilter | null | undefined;
  /** In kilograms, where it is known. */
  weight?: FloatFilter | null | undefined;
};

/** What holds of the related products. */
export type ProductListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: ProductFilter | null | undefined;
  /** None of them matches. */
  none?: ProductFilter | null | undefined;
  /** One of them matches at least. */
  some?: ProductFilter | null | undefined;
};

/** What to sort by of the related products: exactly one member. */
export type ProductListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

/** What to sort by: exactly one member. */
export type ProductOrder =
  {   category: CategoryOrder; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never;   categoryId: OrderDirection; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never;   collections: CollectionListOrder; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never;   /** What the store pays for one. */
  cost: OrderDirection; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never;   createdAt: OrderDirection; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never;   description: OrderDirection; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never;   id: OrderDirection; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never;   /** Price less cost. */
  margin: OrderDirection; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never;   name: OrderDirection; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never;   orderItems: OrderItemListOrder; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never;   /** What a customer pays for one. */
  price: OrderDirection; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never;   /** The mean of all reviews; null before the first. */
  rating: OrderDirection; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never;   reviews: ReviewListOrder; sku?: never; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never;   /** The number on the shelf: three letters, a hyphen, four digits. */
  sku: OrderDirection; status?: never; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never;   status: OrderDirection; stock?: never; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never;   /** How many can be ordered now. */
  stock: OrderDirection; stockMovements?: never; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never;   stockMovements: StockMovementListOrder; weight?: never; }
  |  { category?: never; categoryId?: never; collections?: never; cost?: never; createdAt?: never; description?: never; id?: never; margin?: never; name?: never; orderItems?: never; price?: never; rating?: never; reviews?: never; sku?: never; status?: never; stock?: never; stockMovements?: never;   /** In kilograms, where it is known. */
  weight: OrderDirection; };

export type ProductStatus =
  | 'active'
  | 'draft'
  | 'retired';

/** What a value is compared with; several comparisons must all hold. */
export type ProductStatusFilter = {
  /** equals */
  eq?: ProductStatus | null | undefined;
  /** is greater than */
  gt?: ProductStatus | null | undefined;
  /** is at least */
  gte?: ProductStatus | null | undefined;
  /** is one of */
  in?: Array<ProductStatus> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: ProductStatus | null | undefined;
  /** is at most */
  lte?: ProductStatus | null | undefined;
  /** differs from */
  ne?: ProductStatus | null | undefined;
  /** is none of */
  notIn?: Array<ProductStatus> | null | undefined;
};

/** A new Review. */
export type ReviewCreate = {
  body?: string | null | undefined;
  /** Absent: filled in with your own, where you may create no other. */
  customerId?: string | null | undefined;
  productId: number;
  /** From 1 to 5. */
  rating: number;
};

/** Which reviews to take: every member must hold. */
export type ReviewFilter = {
  /** All of these hold. */
  AND?: Array<ReviewFilter> | null | undefined;
  /** This does not hold. */
  NOT?: ReviewFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<ReviewFilter> | null | undefined;
  body?: StringFilter | null | undefined;
  createdAt?: DateTimeFilter | null | undefined;
  customer?: CustomerFilter | null | undefined;
  customerId?: UuidFilter | null | undefined;
  id?: IntFilter | null | undefined;
  product?: ProductFilter | null | undefined;
  productId?: IntFilter | null | undefined;
  /** From 1 to 5. */
  rating?: IntFilter | null | undefined;
};

/** What holds of the related reviews. */
export type ReviewListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: ReviewFilter | null | undefined;
  /** None of them matches. */
  none?: ReviewFilter | null | undefined;
  /** One of them matches at least. */
  some?: ReviewFilter | null | undefined;
};

/** What to sort by of the related reviews: exactly one member. */
export type ReviewListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

/** The fields of a Review to change: null sets null, what is absent stays. */
export type ReviewUpdate = {
  body?: string | null | undefined;
  customerId?: string | null | undefined;
  productId?: number | null | undefined;
  /** From 1 to 5. */
  rating?: number | null | undefined;
};

export type SalesSummaryInput = {
  by?: SalesSummaryInputBy | null | undefined;
  /** The first day, in UTC. */
  from?: string | null | undefined;
  /** The last day, in UTC, inclusive. */
  to?: string | null | undefined;
};

export type SalesSummaryInputBy =
  | 'category'
  | 'day'
  | 'month';

/** Which stockMovements to take: every member must hold. */
export type StockMovementFilter = {
  /** All of these hold. */
  AND?: Array<StockMovementFilter> | null | undefined;
  /** This does not hold. */
  NOT?: StockMovementFilter | null | undefined;
  /** One of these holds at least; an empty list matches nothing. */
  OR?: Array<StockMovementFilter> | null | undefined;
  at?: DateTimeFilter | null | undefined;
  /** Below zero when stock left the store. */
  delta?: IntFilter | null | undefined;
  id?: BigIntFilter | null | undefined;
  product?: ProductFilter | null | undefined;
  productId?: IntFilter | null | undefined;
  reason?: StockReasonFilter | null | undefined;
};

/** What holds of the related stockMovements. */
export type StockMovementListFilter = {
  /** How many there are that you may see. */
  count?: IntFilter | null | undefined;
  /** All of them match; so it is where there are none. */
  every?: StockMovementFilter | null | undefined;
  /** None of them matches. */
  none?: StockMovementFilter | null | undefined;
  /** One of them matches at least. */
  some?: StockMovementFilter | null | undefined;
};

/** What to sort by of the related stockMovements: exactly one member. */
export type StockMovementListOrder =
  {   /** How many there are that you may see. */
  count: OrderDirection; };

export type StockReason =
  | 'corrected'
  | 'received'
  | 'returned'
  | 'sold';

/** What a value is compared with; several comparisons must all hold. */
export type StockReasonFilter = {
  /** equals */
  eq?: StockReason | null | undefined;
  /** is greater than */
  gt?: StockReason | null | undefined;
  /** is at least */
  gte?: StockReason | null | undefined;
  /** is one of */
  in?: Array<StockReason> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: StockReason | null | undefined;
  /** is at most */
  lte?: StockReason | null | undefined;
  /** differs from */
  ne?: StockReason | null | undefined;
  /** is none of */
  notIn?: Array<StockReason> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type StringFilter = {
  /** contains */
  contains?: string | null | undefined;
  /** ends with */
  endsWith?: string | null | undefined;
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** contains, whatever the case */
  iContains?: string | null | undefined;
  /** ends with, whatever the case */
  iEndsWith?: string | null | undefined;
  /** starts with, whatever the case */
  iStartsWith?: string | null | undefined;
  /** matches an SQL pattern, whatever the case */
  ilike?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** matches an SQL pattern */
  like?: string | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
  /** starts with */
  startsWith?: string | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type StringListFilter = {
  /** equals */
  eq?: Array<string | null | undefined> | null | undefined;
  /** has the element */
  has?: string | null | undefined;
  /** has all of the elements */
  hasEvery?: Array<string> | null | undefined;
  /** has one of the elements at least */
  hasSome?: Array<string> | null | undefined;
  /** has no element, or has some */
  isEmpty?: boolean | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** differs from */
  ne?: Array<string | null | undefined> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type TimeFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

/** What a value is compared with; several comparisons must all hold. */
export type UuidFilter = {
  /** equals */
  eq?: string | null | undefined;
  /** is greater than */
  gt?: string | null | undefined;
  /** is at least */
  gte?: string | null | undefined;
  /** is one of */
  in?: Array<string> | null | undefined;
  /** is null, or is not */
  isNull?: boolean | null | undefined;
  /** is less than */
  lt?: string | null | undefined;
  /** is at most */
  lte?: string | null | undefined;
  /** differs from */
  ne?: string | null | undefined;
  /** is none of */
  notIn?: Array<string> | null | undefined;
};

export type ListProductsQueryVariables = Exact<{
  where?: ProductFilter | null | undefined;
  orderBy?: Array<ProductOrder> | ProductOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ListProductsQuery = { products: { totalCount: number, nodes: Array<{ id: number, sku: string, name: string, status: ProductStatus, price: string, weight: number | null, tags: Array<string | null>, attributes: unknown, createdAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ProductWithReviewsQueryVariables = Exact<{
  id: number;
  reviews?: ReviewFilter | null | undefined;
}>;


export type ProductWithReviewsQuery = { product: { name: string, cost: string | null, category: { name: string }, reviews: { totalCount: number, nodes: Array<{ id: number, rating: number, customer: { id: string, name: string } | null }> } } | null };

export type ProductsByStatusQueryVariables = Exact<{
  where?: ProductFilter | null | undefined;
}>;


export type ProductsByStatusQuery = { productsAggregate: Array<{ count: number, key: { status: ProductStatus }, sum: { stock: string | null }, avg: { price: string | null }, max: { price: string | null, createdAt: string | null } }> | null };

export type StockMovementsQueryVariables = Exact<{
  where?: StockMovementFilter | null | undefined;
}>;


export type StockMovementsQuery = { stockMovements: { nodes: Array<{ id: string, delta: number, reason: StockReason, at: string }> } | null };

export type ProfileQueryVariables = Exact<{
  customerId: string;
}>;


export type ProfileQuery = { customerProfile: { preferredTime: string | null, newsletter: boolean, preferences: unknown } | null };

export type CreateReviewMutationVariables = Exact<{
  input: ReviewCreate;
}>;


export type CreateReviewMutation = { createReview: { id: number, productId: number, customerId: string, rating: number, body: string, createdAt: string, version: string } | null };

export type UpdateReviewMutationVariables = Exact<{
  id: number;
  input: ReviewUpdate;
  ifVersion?: string | null | undefined;
}>;


export type UpdateReviewMutation = { updateReview: { id: number, rating: number, body: string, version: string } | null };

export type DeleteReviewMutationVariables = Exact<{
  id: number;
}>;


export type DeleteReviewMutation = { deleteReview: { id: number } | null };

export type PlaceOrderMutationVariables = Exact<{
  input: PlaceOrderInput;
}>;


export type PlaceOrderMutation = { placeOrder: { id: string, status: OrderStatus, total: string, placedAt: string, shippedAt: string | null, items: { nodes: Array<{ line: number, quantity: number, price: string, product: { id: number } | null }> } | null } | null };

export type SalesSummaryQueryVariables = Exact<{
  input: SalesSummaryInput;
}>;


export type SalesSummaryQuery = { salesSummary: { revenue: string, groups: Array<{ key: string, revenue: string }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const ListProductsDocument = new TypedDocumentString(`
    query ListProducts($where: ProductFilter, $orderBy: [ProductOrder!], $first: Int, $after: String) {
  products(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    nodes {
      id
      sku
      name
      status
      price
      weight
      tags
      attributes
      createdAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}
    `) as unknown as TypedDocumentString<ListProductsQuery, ListProductsQueryVariables>;
export const ProductWithReviewsDocument = new TypedDocumentString(`
    query ProductWithReviews($id: Int!, $reviews: ReviewFilter) {
  product(id: $id) {
    name
    cost
    category {
      name
    }
    reviews(where: $reviews, orderBy: [{rating: DESC}, {id: ASC}], first: 2) {
      nodes {
        id
        rating
        customer {
          id
          name
        }
      }
      totalCount
    }
  }
}
    `) as unknown as TypedDocumentString<ProductWithReviewsQuery, ProductWithReviewsQueryVariables>;
export const ProductsByStatusDocument = new TypedDocumentString(`
    query ProductsByStatus($where: ProductFilter) {
  productsAggregate(where: $where, groupBy: [status], orderBy: [{count: DESC}]) {
    key {
      status
    }
    count
    sum {
      stock
    }
    avg {
      price
    }
    max {
      price
      createdAt
    }
  }
}
    `) as unknown as TypedDocumentString<ProductsByStatusQuery, ProductsByStatusQueryVariables>;
export const StockMovementsDocument = new TypedDocumentString(`
    query StockMovements($where: StockMovementFilter) {
  stockMovements(where: $where, orderBy: [{id: ASC}], first: 1) {
    nodes {
      id
      delta
      reason
      at
    }
  }
}
    `) as unknown as TypedDocumentString<StockMovementsQuery, StockMovementsQueryVariables>;
export const ProfileDocument = new TypedDocumentString(`
    query Profile($customerId: UUID!) {
  customerProfile(customerId: $customerId) {
    preferredTime
    newsletter
    preferences
  }
}
    `) as unknown as TypedDocumentString<ProfileQuery, ProfileQueryVariables>;
export const CreateReviewDocument = new TypedDocumentString(`
    mutation CreateReview($input: ReviewCreate!) {
  createReview(input: $input) {
    id
    productId
    customerId
    rating
    body
    createdAt
    version
  }
}
    `) as unknown as TypedDocumentString<CreateReviewMutation, CreateReviewMutationVariables>;
export const UpdateReviewDocument = new TypedDocumentString(`
    mutation UpdateReview($id: Int!, $input: ReviewUpdate!, $ifVersion: String) {
  updateReview(id: $id, input: $input, ifVersion: $ifVersion) {
    id
    rating
    body
    version
  }
}
    `) as unknown as TypedDocumentString<UpdateReviewMutation, UpdateReviewMutationVariables>;
export const DeleteReviewDocument = new TypedDocumentString(`
    mutation DeleteReview($id: Int!) {
  deleteReview(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<DeleteReviewMutation, DeleteReviewMutationVariables>;
export const PlaceOrderDocument = new TypedDocumentString(`
    mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    id
    status
    total
    placedAt
    shippedAt
    items(orderBy: [{line: ASC}]) {
      nodes {
        line
        quantity
        price
        product {
          id
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PlaceOrderMutation, PlaceOrderMutationVariables>;
export const SalesSummaryDocument = new TypedDocumentString(`
    query SalesSummary($input: SalesSummaryInput!) {
  salesSummary(input: $input) {
    revenue
    groups {
      key
      revenue
    }
  }
}
    `) as unknown as TypedDocumentString<SalesSummaryQuery, SalesSummaryQueryVariables>;