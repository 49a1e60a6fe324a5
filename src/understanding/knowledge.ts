export interface Entry { id: string; title: string; asks: string[]; screens: string[]; keywords: string[]; answer: string }
export interface Family { id: string; title: string; asks: string[]; redirect: string }
