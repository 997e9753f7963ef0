/** Shapes from Lucide (ISC, see static/icons/LICENSE.lucide), each as one path. */
export const X = "M18 6 6 18M6 6l12 12";
export const NEXT = "m9 18 6-6-6-6";
export const BACK = "m15 18-6-6 6-6";
export const CHAT =
  "M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719";
export const MORE = "M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M18 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M4 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0";
